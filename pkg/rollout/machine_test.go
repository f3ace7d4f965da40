package rollout_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/gobiz-cli/gobiz/pkg/auth"
	"github.com/gobiz-cli/gobiz/pkg/catalog"
	"github.com/gobiz-cli/gobiz/pkg/credentials"
	"github.com/gobiz-cli/gobiz/pkg/gobiz"
	"github.com/gobiz-cli/gobiz/pkg/rollout"
	"github.com/gobiz-cli/gobiz/pkg/sandbox"
)

// TestAnyOrder lets pushes, rollbacks, plans, merchants, lost answers, kills and
// time happen in any order, against a sandbox and in the time of a bubble. It
// holds each write to what must be true of it when it arrives, and each success
// to what it says.
func TestAnyOrder(t *testing.T) {
	seeded := start(t, atOnce).live()
	rapid.Check(t, func(rt *rapid.T) {
		// Started outside of the bubble, where its listener would keep time from passing.
		s, err := sandbox.Start(context.Background(), sandbox.Options{CatalogDelay: showsAfter, Now: time.Now})
		if err != nil {
			rt.Fatal(err)
		}
		p := &place{handler: s.Handler(), info: s.Info()}
		dir := memoryDir(rt)
		defer os.RemoveAll(dir)
		rapid.SyncTest(rt, func(rt *rapid.T) {
			w := newWorld(rt, p, seeded, dir)
			defer s.Close()
			rt.Repeat(map[string]func(*rapid.T){
				"push":     func(rt *rapid.T) { w.run(w.drawPush(rt)) },
				"rollback": func(rt *rapid.T) { w.run(w.drawRollback(rt)) },
				"plan":     func(rt *rapid.T) { w.makePlan(w.drawWish(rt)) },
				"planned": func(rt *rapid.T) {
					if w.plan == nil {
						rt.Skip("no plan")
					}
					w.run(w.drawPlanned(rt))
				},
				"merchant": func(rt *rapid.T) { w.drawEvent(rt)() },
				"parallel": func(rt *rapid.T) { w.parallel(w.drawPush(rt), w.drawPush(rt)) },
				"time": func(rt *rapid.T) {
					time.Sleep(rapid.SampledFrom([]time.Duration{time.Second, time.Minute, 3 * time.Minute, 20 * time.Minute}).Draw(rt, "time"))
				},
				"": func(rt *rapid.T) { w.report(rt) },
			})
		})
	})
}

const showsAfter = 2 * time.Minute

// memoryDir is a folder that no disk is behind, where there is one: a run of
// thousands syncs a hundred thousand files.
func memoryDir(rt *rapid.T) string {
	parent := ""
	if _, err := os.Stat("/dev/shm"); err == nil {
		parent = "/dev/shm"
	}
	dir, err := os.MkdirTemp(parent, "rollout")
	if err != nil {
		rt.Fatal(err)
	}
	return dir
}

// A wish is a push that somebody makes, and what happens to it.
type wish struct {
	rollout.Options
	push    func(ctx context.Context, target rollout.Target, o rollout.Options) (rollout.Result, error)
	told    map[string]bool // the items whose stock it says
	allowed int             // prices that may move far
	faults  []fault         // of its tries to write
	event   func()          // while it is asked, or before a retry
	happens bool            // event has not happened yet
	alone   bool            // no other push goes on meanwhile
	agreed  []string        // the changes that were consented to, but for stock
}

type fault string

const (
	fine       fault = "fine"
	notSent    fault = "the connection breaks before"
	lost       fault = "the answer is lost"
	refused    fault = "503"
	killBefore fault = "kill before"
	killAfter  fault = "kill after"
)

// world is the outlet, and what a test knows of it that no client does.
type world struct {
	place  *place
	client *gobiz.Client
	state  *rollout.State
	seeded *catalog.Live // the menu that the sandbox begins with

	mu       sync.Mutex
	soldOut  map[string]bool // by the merchant, and by nobody told otherwise
	accepted []*accepted     // writes, the newest last
	plan     *rollout.Plan
	planTold map[string]bool
	edits    int
	loaded   map[string]*catalog.Live // the snapshots

	logMu    sync.Mutex
	failures []string
	log      []string
}

type accepted struct {
	payload *catalog.Payload
	due     time.Time
	landed  bool
	showed  map[string]bool // what was in stock when it was accepted
}

func newWorld(rt *rapid.T, p *place, seeded *catalog.Live, dir string) *world {
	w := &world{place: p, seeded: seeded, soldOut: map[string]bool{}, loaded: map[string]*catalog.Live{}, state: &rollout.State{
		Dir: dir, Environment: rollout.Environment{Name: "local", API: "sandbox", OAuth: "sandbox"},
	}}
	client, err := gobiz.New(gobiz.Options{BaseURL: p.info.APIURL, Tokens: p.tokensThrough(rt, direct{p.handler}), Transport: w, MaxAttempts: 3})
	if err != nil {
		rt.Fatal(err)
	}
	w.client = client
	for id, inStock := range inStock(w.live()) {
		w.soldOut[id] = !inStock
	}
	return w
}

func (w *world) fail(format string, args ...any) {
	w.logMu.Lock()
	defer w.logMu.Unlock()
	w.failures = append(w.failures, fmt.Sprintf(format, args...))
}

func (w *world) note(format string, args ...any) {
	w.logMu.Lock()
	defer w.logMu.Unlock()
	w.log = append(w.log, time.Now().Format("15:04:05.000 ")+fmt.Sprintf(format, args...))
}

func (w *world) report(rt *rapid.T) {
	w.logMu.Lock()
	defer w.logMu.Unlock()
	if len(w.failures) > 0 {
		rt.Fatalf("%s\n%s", strings.Join(w.failures, "\n"), strings.Join(w.log, "\n"))
	}
}

// direct hands requests to a handler, without a socket.
type direct struct{ http.Handler }

func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	body := []byte{}
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		r.Body.Close()
	}
	in := httptest.NewRequest(r.Method, r.URL.String(), bytes.NewReader(body)).WithContext(r.Context())
	in.Header = r.Header
	out := httptest.NewRecorder()
	d.ServeHTTP(out, in)
	answer := out.Result()
	answer.Request = r
	return answer, nil
}

// tokensThrough gives tokens without a socket.
func (p *place) tokensThrough(rt *rapid.T, network http.RoundTripper) gobiz.TokenSource {
	endpoint, err := auth.NewEndpoint(auth.EndpointOptions{
		OAuthURL: p.info.OAuthURL, ClientID: p.info.ClientID, ClientSecret: credentials.NewSecret(p.info.ClientSecret), HTTPClient: &http.Client{Transport: network},
	})
	if err != nil {
		rt.Fatal(err)
	}
	return auth.NewClientCredentials(endpoint, auth.DefaultScopes(auth.GrantClientCredentials))
}

type wishKey struct{}

// RoundTrip is the network, with its faults.
func (w *world) RoundTrip(r *http.Request) (*http.Response, error) {
	wished, _ := r.Context().Value(wishKey{}).(*wish)
	if r.Method != http.MethodPut || wished == nil {
		return direct{w.place.handler}.RoundTrip(r)
	}
	what := fine
	if len(wished.faults) > 0 {
		what, wished.faults = wished.faults[0], wished.faults[1:]
	}
	w.note("PUT: %s", what)
	if what != fine {
		defer wished.happen()
	}
	switch what {
	case killBefore:
		runtime.Goexit()
	case notSent:
		return nil, errors.New("connection reset by peer")
	case refused:
		return &http.Response{StatusCode: 503, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	w.judge(body, wished)
	r.Body = io.NopCloser(bytes.NewReader(body))
	answer, err := direct{w.place.handler}.RoundTrip(r)
	if err == nil && answer.StatusCode == http.StatusOK {
		w.accept(body)
	}
	switch what {
	case killAfter:
		runtime.Goexit()
	case lost:
		return nil, errors.New("unexpected EOF")
	}
	return answer, err
}

// happen lets the event of a wish happen, once.
func (wished *wish) happen() {
	if wished.happens {
		wished.happens = false
		wished.event()
	}
}

// brief is a menu in a log.
func brief(live *catalog.Live) string {
	var out []string
	for _, m := range live.Menus {
		for _, item := range m.Items {
			if slices.Contains(someItems, item.ExternalID) {
				out = append(out, fmt.Sprintf("%s %v %v", item.Name, item.Price, *item.InStock))
			}
		}
	}
	return strings.Join(out, ", ")
}

func payloadOf(body []byte) *catalog.Payload {
	payload := &catalog.Payload{}
	if err := json.Unmarshal(body, payload); err != nil {
		panic(err)
	}
	return payload
}

// replaced is the menu that a write replaces when it arrives now: the last one on
// its way, or what is live.
func (w *world) replaced() (menu *catalog.Live, onItsWay bool) {
	if last := w.pending(); last != nil {
		return last.payload.Live(), true
	}
	return w.live(), false
}

func (w *world) pending() *accepted {
	if n := len(w.accepted); n > 0 && w.accepted[n-1].due.After(time.Now()) {
		return w.accepted[n-1]
	}
	return nil
}

// judge holds a write to what must be true of it when it arrives.
func (w *world) judge(body []byte, wished *wish) {
	synctest.Wait()
	payload, live := payloadOf(body), w.live()
	w.note("told %v: %s replaces %s", slices.Sorted(maps.Keys(wished.told)), brief(payload.Live()), brief(live))
	w.mu.Lock()
	defer w.mu.Unlock()
	w.land()
	for _, menu := range payload.Menus {
		for _, item := range menu.MenuItems {
			if w.soldOut[item.ExternalID] && item.InStock && !wished.told[item.ExternalID] {
				w.fail("%s was sold out, and is on sale again", item.ExternalID)
			}
		}
	}
	replaced, onItsWay := w.replaced()
	digest := replaced.DigestWithoutStock()
	if digest != payload.Live().DigestWithoutStock() && !w.saved(func(menu *catalog.Live) bool {
		return menu.DigestWithoutStock() == digest && (onItsWay || menu.Digest() == live.Digest())
	}) {
		w.fail("the menu that was replaced is in no snapshot")
	}
	// One that is on its way may be in doubt; then what shows is what counts.
	bypassed := func(menu *catalog.Live) bool {
		far := farPrices(payload, menu)
		return far > 0 && far != wished.allowed
	}
	if bypassed(replaced) && bypassed(live) {
		w.fail("prices move far, and %d were allowed", wished.allowed)
	}
	agreed := func(menu *catalog.Live) bool {
		return slices.Equal(wished.agreed, onlyMenu(catalog.Compare(payload, menu, nil)))
	}
	if wished.Consent != nil && digest != payload.Live().DigestWithoutStock() && !agreed(replaced) && !agreed(live) {
		w.fail("other changes than those that were consented to")
	}
	for id := range wished.told {
		w.onSale(payload, id)
	}
}

// onSale notes that a menu sells an item, as somebody has told or nobody could know.
func (w *world) onSale(payload *catalog.Payload, id string) {
	if inStock(payload.Live())[id] {
		w.soldOut[id] = false
	}
}

// land notes what has come live: it sells again what was sold out since it was accepted.
func (w *world) land() {
	for _, write := range w.accepted {
		if !write.landed && !write.due.After(time.Now()) {
			write.landed = true
			for id := range w.soldOut {
				w.onSale(write.payload, id)
			}
		}
	}
}

func (w *world) saved(is func(*catalog.Live) bool) bool {
	list, err := w.state.Snapshots().List(outletID)
	if err != nil {
		w.fail("%v", err)
	}
	return slices.ContainsFunc(list, func(s rollout.Snapshot) bool {
		if w.loaded[s.ID] == nil {
			_, menu, err := w.state.Snapshots().Load(outletID, s.ID)
			if err != nil {
				w.fail("%v", err)
				return false
			}
			w.loaded[s.ID] = menu
		}
		return is(w.loaded[s.ID])
	})
}

func farPrices(payload *catalog.Payload, live *catalog.Live) int {
	n := 0
	for _, c := range catalog.Compare(payload, live, nil).Changes {
		from, _ := c.From.(catalog.Price)
		to, ok := c.To.(catalog.Price)
		if ok && c.Field == "price" && (to.Rupiah*2 > from.Rupiah*3 || to.Rupiah*2 < from.Rupiah) {
			n++
		}
	}
	return n
}

func (w *world) accept(body []byte) {
	showed := inStock(w.live())
	w.mu.Lock()
	defer w.mu.Unlock()
	w.accepted = append(w.accepted, &accepted{payload: payloadOf(body), due: time.Now().Add(showsAfter), showed: showed})
}

func (w *world) live() *catalog.Live {
	reply := &catalog.Live{}
	if _, err := w.client.Catalog(context.Background(), outletID, reply); err != nil {
		w.fail("read the live menu: %v", err)
	}
	return reply
}

// run lets a wish go its way, in a goroutine that a kill ends.
func (w *world) run(wished *wish) {
	<-w.begin(wished)
}

func (w *world) begin(wished *wish) (done chan struct{}) {
	done = make(chan struct{})
	state := *w.state
	wished.State = &state
	if consent := wished.Consent; consent != nil {
		wished.Consent = func(ctx context.Context, p rollout.Proposal) error {
			wished.agreed = onlyMenu(p.Diff)
			wished.happen()
			return consent(ctx, p)
		}
	}
	go func() {
		defer close(done)
		result, err := wished.push(context.WithValue(context.Background(), wishKey{}, wished), rollout.Partner(w.client), wished.Options)
		w.note("%s, %v", result.Status, err)
		w.conclude(wished, result, err)
	}()
	return done
}

// conclude holds a push to what it says.
func (w *world) conclude(wished *wish, result rollout.Result, err error) {
	var (
		refusedBy *rollout.RefusedError
		moved     *rollout.MovedError
		stale     *rollout.StaleError
		maybe     *rollout.UnansweredError
		replaced  *rollout.ReplacedError
		answer    *gobiz.Error
	)
	if err != nil {
		if !errors.As(err, &refusedBy) && !errors.As(err, &moved) && !errors.As(err, &stale) && !errors.As(err, &maybe) && !errors.As(err, &answer) &&
			(wished.alone || !errors.As(err, &replaced)) {
			w.fail("a push ended with %v", err)
		}
		return
	}
	if !wished.alone {
		return
	}
	live := w.live()
	w.mu.Lock()
	defer w.mu.Unlock()
	menu, onItsWay := w.replaced()
	if differences := onlyMenu(catalog.Compare(result.Payload, menu, nil)); len(differences) > 0 {
		w.fail("%s, and on its way (%v) is another menu: %s", result.Status, onItsWay, differences)
	}
	if wished.Wait {
		if differences := onlyMenu(catalog.Compare(result.Payload, live, nil)); len(differences) > 0 {
			w.fail("%s and waited for, and live is another menu: %s", result.Status, differences)
		}
	}
}

// onlyMenu leaves stock out: what was sold out while a menu was on its way.
func onlyMenu(diff *catalog.Diff) (differences []string) {
	for _, c := range diff.Changes {
		if c.Field != "in_stock" {
			differences = append(differences, c.String())
		}
	}
	return differences
}

func (w *world) parallel(a, b *wish) {
	a.alone, b.alone = false, false
	a.happens, b.happens = false, false // no other push can know what comes between its reading and its write
	first, second := w.begin(a), w.begin(b)
	<-first
	<-second
}

// The items of the seeded menu that are changed, and their prices.
var (
	someItems  = []string{"MI-001", "MI-002"}
	somePrices = []int64{26000, 27000, 28000, 90000}
)

func (w *world) drawWish(rt *rapid.T) (*catalog.File, map[string]bool) {
	file, _ := w.seeded.File(nil)
	told := map[string]bool{}
	for i := range file.Menus {
		for j := range file.Menus[i].Items {
			item := &file.Menus[i].Items[j]
			if !slices.Contains(someItems, item.ExternalID) {
				continue
			}
			item.Price = catalog.Rp(rapid.SampledFrom(somePrices).Draw(rt, "price of "+item.ExternalID))
			if says := rapid.SampledFrom([]string{"", "", "yes", "no"}).Draw(rt, "stock of "+item.ExternalID); says != "" {
				inStock := says == "yes"
				item.InStock, told[item.ExternalID] = &inStock, true
			}
		}
	}
	return file, told
}

// drawWay draws how a push goes.
func (w *world) drawWay(rt *rapid.T) *wish {
	wished := &wish{alone: true, happens: true, event: func() {}}
	if rapid.Bool().Draw(rt, "asked") {
		wished.Consent = func(context.Context, rollout.Proposal) error { return nil }
	}
	if rapid.Bool().Draw(rt, "something happens meanwhile") {
		wished.event = w.drawEvent(rt)
	}
	wished.Wait = rapid.IntRange(0, 3).Draw(rt, "wait") == 0
	wished.allowed = rapid.SampledFrom([]int{0, 0, 1, 2}).Draw(rt, "allowed")
	wished.Overrides = rollout.Overrides{rollout.GuardPrices: fmt.Sprint(wished.allowed)}
	wished.faults = rapid.SliceOfN(rapid.SampledFrom([]fault{fine, fine, fine, notSent, lost, refused, killBefore, killAfter}), 0, 3).Draw(rt, "faults")
	return wished
}

func (w *world) drawPush(rt *rapid.T) *wish {
	file, told := w.drawWish(rt)
	wished := w.drawWay(rt)
	wished.told = told
	wished.push = func(ctx context.Context, target rollout.Target, o rollout.Options) (rollout.Result, error) {
		return rollout.Push(ctx, target, outletID, file, o)
	}
	return wished
}

func (w *world) drawRollback(rt *rapid.T) *wish {
	wished := w.drawWay(rt)
	wished.Stock = rapid.SampledFrom([]catalog.StockPolicy{catalog.StockFile, catalog.StockLive}).Draw(rt, "stock")
	if wished.told = map[string]bool{}; wished.Stock == catalog.StockFile {
		for id := range w.soldOut {
			wished.told[id] = true
		}
	}
	wished.push = func(ctx context.Context, target rollout.Target, o rollout.Options) (rollout.Result, error) {
		_, menu, err := w.state.Snapshots().Load(outletID, "")
		if err != nil {
			wished.alone = false
			return rollout.Result{}, nil // no push has replaced a menu yet
		}
		return rollout.Rollback(ctx, target, outletID, menu, o)
	}
	return wished
}

func (w *world) makePlan(file *catalog.File, told map[string]bool) {
	standing, err := rollout.ReadStanding(context.Background(), rollout.Partner(w.client), outletID, w.state, time.Now)
	if err != nil {
		w.fail("%v", err)
		return
	}
	payload, err := file.Build(catalog.BuildOptions{Live: standing.Menu})
	if err != nil {
		w.fail("%v", err)
		return
	}
	w.plan = rollout.NewPlan(w.state.Environment, outletID, standing.Menu, payload, catalog.Compare(payload, standing.Menu, file), time.Now())
	w.planTold = told
}

func (w *world) drawPlanned(rt *rapid.T) *wish {
	plan, wished := w.plan, w.drawWay(rt)
	wished.told = maps.Clone(w.planTold)
	wished.push = func(ctx context.Context, target rollout.Target, o rollout.Options) (rollout.Result, error) {
		return rollout.PushPlan(ctx, target, plan, o)
	}
	return wished
}

// drawEvent draws what a merchant does in the GoBiz app.
func (w *world) drawEvent(rt *rapid.T) func() {
	id := rapid.SampledFrom(someItems).Draw(rt, "item")
	switch what := rapid.SampledFrom([]string{"sells out", "restocks", "edits"}).Draw(rt, "merchant"); what {
	case "edits":
		return func() { w.edit(id) }
	default:
		sells := what == "restocks"
		return func() {
			synctest.Wait() // what comes live at this instant does so before
			w.note("the merchant %s %s", what, id)
			if inStock(w.live())[id] == sells {
				return // nobody can know that it was said again
			}
			if err := w.client.UpdateMenuItemStocks(context.Background(), outletID, []gobiz.StockUpdate{{ExternalID: id, InStock: sells}}); err != nil {
				w.fail("%v", err)
			}
			w.mu.Lock()
			defer w.mu.Unlock()
			w.land()
			if last := w.pending(); sells || last == nil || last.showed[id] || !inStock(last.payload.Live())[id] {
				w.soldOut[id] = !sells // else it is again as it was when a push has told that it is on sale
			}
		}
	}
}

// edit gives an item a name that no menu had before: one that looks like a push
// which is on its way would pass for it.
func (w *world) edit(id string) {
	synctest.Wait()
	w.edits++
	name := fmt.Sprint("Bakmi ", w.edits)
	w.note("the merchant calls %s %s", id, name)
	live := w.live()
	for i := range live.Menus {
		for j := range live.Menus[i].Items {
			if item := &live.Menus[i].Items[j]; item.ExternalID == id {
				item.Name = name
			}
		}
	}
	r := httptest.NewRequest(http.MethodPut, w.place.info.ControlURL+"/outlets/"+outletID+"/catalog", bytes.NewReader(live.AppendJSON(nil)))
	answer := httptest.NewRecorder()
	w.place.handler.ServeHTTP(answer, r)
	if answer.Code != http.StatusOK {
		w.fail("edit: %s", answer.Body)
	}
}
