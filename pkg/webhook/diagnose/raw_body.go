package diagnose

// Recipe says how a framework gives the bytes of a request's body as they
// arrived.
type Recipe struct {
	Framework string
	Code      string
}

// RawBodies are the recipes for [Diagnosis.Reparsed].
func RawBodies() []Recipe {
	return []Recipe{
		{"Express", "express.raw({type: '*/*'}) on the route, then req.body"},
		{"Next.js", "await request.text(), before any request.json()"},
		{"Flask", "request.get_data()"},
		{"Django", "request.body"},
		{"FastAPI", "await request.body()"},
		{"Laravel", "$request->getContent()"},
		{"PHP", "file_get_contents('php://input')"},
		{"Rails", "request.raw_post"},
		{"Rack", "env['rack.input'].read; the header is env['HTTP_X_GO_SIGNATURE']"},
		{"Spring", "@RequestBody byte[] body"},
		{"ASP.NET", "Request.EnableBuffering(), then the bytes of Request.Body"},
		{"Go", "io.ReadAll(r.Body)"},
	}
}
