package catalog
import ("testing";"strings";"time";"fmt";"runtime")
func TestZ(t *testing.T){
 for name,d:=range map[string]string{
  "dashes.yaml": strings.Repeat("- a\n", MaxFileSize/4),
  "flow.yaml": "["+strings.Repeat("a,", MaxFileSize/2-2)+"]",
  "keys.json": "{"+strings.Repeat(`"a":1,`, MaxFileSize/6-2)+`"b":1}`,
  "line.json": `{"menus":[`+strings.Repeat(`{"name":"x"},`, 1_000_000)+`{}]}`,
  "items.yaml": string(largeMenu(50000)),
  "merge.yaml": func() string { s:="menus:\n  - &a0 {name: x}\n"; for i:=1;i<40;i++ { s+=fmt.Sprintf("  - &a%d {<<: [*a%d, *a%d]}\n",i,i-1,i-1)}; return s}(),
  "comment.yaml": "menus: []\n"+strings.Repeat("# x\n", MaxFileSize/5),
  "longkey.yaml": "? "+strings.Repeat("a", MaxFileSize-100)+"\n: 1\n",
  "quote.yaml": "a: \""+strings.Repeat("\\n", MaxFileSize/2-100)+"\"\n",
 } {
  start:=time.Now()
  _,f:=Parse(name,[]byte(d),Partner)
  var m runtime.MemStats; runtime.ReadMemStats(&m)
  msg:=""; if len(f)>0 {msg=f[0].at(name)}
  fmt.Printf("%-14s %8d bytes %v findings=%d sys=%dMB %.140s\n",name,len(d),time.Since(start).Round(time.Millisecond),len(f),m.Sys>>20,msg)
 }
}
