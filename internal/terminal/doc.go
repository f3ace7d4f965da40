// Package terminal is where the command line meets a person or a script: the
// three streams, tables and machine formats, prompts, progress, and the
// cleaning of text that somebody else wrote.
//
// Results go to [Streams.Out], everything else (notes, prompts, progress) to
// [Streams.Err]. A command declares its columns once and hands its values to
// [Print], [PrintSeq] or [PrintOne]; the [Printer] knows the format.
//
// The package reads no environment variable and owns no file: streams and
// decisions come in from the caller.
package terminal
