package sandbox

import (
	"encoding/json"
	"errors"
	"net/http"
	"time"
)

// controlPath is where the control API lives: it plays what GoBiz, customers
// and drivers do, and looks inside the sandbox. No real GoBiz has it.
const controlPath = "/_sandbox"

// controlRoute is one call of the control API. Those that orderControls does not
// list:
//
//	GET   info                          Info
//	GET   state                         State
//	POST  reset                         back to the seeded state, faults and switches of the start
//	GET   requests                      Requests
//	GET   faults, PUT faults            {"faults": ["* status=503"]}
//	GET   switches, PUT switches        Switches; a PUT changes those that it names
//	GET   clock                         {"now": …}
//	POST  clock                         {"advance": "1h"}: tokens expire, waiting deliveries go out
//	POST  tokens/expire                 ends access tokens; {"client_id": …, "grant": …} only those
//	PATCH outlets/{outlet_id}           {"acceptance": "manual", "status": "inactive"}
//	PUT   outlets/{outlet_id}/catalog   an edit in the GoBiz app, in the shape of GET v2 catalog
//
// A refusal is {"error": "…"} with a status of 400, 403, 404, 409 or 422.
type controlRoute struct {
	method, path string // path below controlPath, a net/http pattern's
	handle       func(s *Sandbox, r *http.Request, body []byte) (any, error)
}

func (s *Sandbox) controlRoutes(mux *http.ServeMux) {
	routes := append([]controlRoute{
		{http.MethodGet, "info", func(s *Sandbox, _ *http.Request, _ []byte) (any, error) { return s.Info(), nil }},
		{http.MethodGet, "state", func(s *Sandbox, _ *http.Request, _ []byte) (any, error) { return s.state(), nil }},
		{http.MethodPost, "reset", controlReset},
		{http.MethodGet, "requests", func(s *Sandbox, _ *http.Request, _ []byte) (any, error) { return s.requests.snapshot(), nil }},
		{http.MethodGet, "faults", func(s *Sandbox, _ *http.Request, _ []byte) (any, error) { return faultsData{s.faults.list()}, nil }},
		{http.MethodPut, "faults", controlSetFaults},
		{http.MethodGet, "switches", func(s *Sandbox, _ *http.Request, _ []byte) (any, error) { return s.switches(), nil }},
		{http.MethodPut, "switches", controlSetSwitches},
		{http.MethodGet, "clock", func(s *Sandbox, _ *http.Request, _ []byte) (any, error) { return clockData{s.now()}, nil }},
		{http.MethodPost, "clock", controlAdvanceClock},
		{http.MethodPost, "tokens/expire", controlExpireTokens},
		{http.MethodPatch, "outlets/{outlet_id}", controlOutlet},
		{http.MethodPut, "outlets/{outlet_id}/catalog", controlCatalog},
	}, orderControls()...)
	for _, route := range routes {
		mux.HandleFunc(route.method+" "+controlPath+"/"+route.path, func(w http.ResponseWriter, r *http.Request) {
			answer, err := s.control(route, w, r)
			if err != nil {
				writeControlError(w, err)
				return
			}
			if answer == nil {
				answer = struct{}{}
			}
			writeJSON(w, http.StatusOK, answer)
		})
	}
	mux.HandleFunc(controlPath+"/", func(w http.ResponseWriter, r *http.Request) {
		writeControlError(w, errNotFound("the control API has no %s %s", r.Method, r.URL.Path))
	})
}

func (s *Sandbox) control(route controlRoute, w http.ResponseWriter, r *http.Request) (any, error) {
	body, err := readBody(w, r)
	if err != nil {
		return nil, err
	}
	return route.handle(s, r, body)
}

// controlFailure is the body of a refused control call.
type controlFailure struct {
	Error string `json:"error"`
}

func writeControlError(w http.ResponseWriter, err error) {
	status := http.StatusInternalServerError
	message := err.Error()
	var known *apiError
	if errors.As(err, &known) {
		status, message = known.status, known.message
	}
	writeJSON(w, status, controlFailure{message})
}

func controlReset(s *Sandbox, _ *http.Request, _ []byte) (any, error) {
	s.clock.forget()
	err := s.store.update(func() error {
		s.store.clear()
		s.seed()
		return nil
	})
	if err != nil {
		return nil, err
	}
	s.clock.reset()
	s.logins.forget()
	s.requests.forget()
	s.faults.set(s.o.Faults)
	s.setSwitches(s.o.Switches)
	s.proceed()
	return nil, nil
}

// faultsData carries rules (see ParseFault).
type faultsData struct {
	Faults []Fault `json:"faults"`
}

func controlSetFaults(s *Sandbox, _ *http.Request, body []byte) (any, error) {
	var data faultsData
	if err := json.Unmarshal(body, &data); err != nil {
		return nil, errBadRequest("%s", jsonProblem(err))
	}
	s.faults.set(data.Faults)
	return faultsData{s.faults.list()}, nil
}

// controlSetSwitches changes the switches that the body names.
func controlSetSwitches(s *Sandbox, _ *http.Request, body []byte) (any, error) {
	switches := s.switches()
	if err := strictDecode(body, &switches); err != nil {
		return nil, err
	}
	s.setSwitches(switches)
	return switches, nil
}

type clockData struct {
	Now time.Time `json:"now"`
}

// controlAdvanceClock moves the sandbox's time: tokens expire, waiting
// deliveries go out.
func controlAdvanceClock(s *Sandbox, _ *http.Request, body []byte) (any, error) {
	var request struct {
		Advance string `json:"advance"`
	}
	if err := strictDecode(body, &request); err != nil {
		return nil, err
	}
	d, err := time.ParseDuration(request.Advance)
	if err != nil || d <= 0 {
		return nil, errBadRequest("advance %q is not a duration such as 1h or 90s", request.Advance)
	}
	if s.clock.shift()+d < 0 {
		return nil, errBadRequest("advance %s is too far", request.Advance)
	}
	err = s.store.update(func() error {
		s.store.meta.put("clock_offset", (s.clock.shift() + d).String())
		return nil
	})
	if err != nil {
		return nil, err
	}
	s.clock.advance(d)
	return clockData{s.now()}, nil
}

// controlExpireTokens ends all access tokens, or those of one client or grant.
// Refresh tokens stay.
func controlExpireTokens(s *Sandbox, _ *http.Request, body []byte) (any, error) {
	var request struct {
		ClientID string `json:"client_id"`
		Grant    string `json:"grant"`
	}
	if err := decodeOptional(body, &request); err != nil {
		return nil, err
	}
	expired := 0
	err := s.store.update(func() error {
		for _, t := range s.store.tokens.rows {
			if s.valid(t) && (request.ClientID == "" || request.ClientID == t.Partner) && (request.Grant == "" || request.Grant == t.Grant) {
				s.store.tokens.delete(t.Token)
				expired++
			}
		}
		return nil
	})
	return map[string]int{"expired": expired}, err
}

// controlOutlet changes what only GoBiz or the merchant's app can change.
func controlOutlet(s *Sandbox, r *http.Request, body []byte) (any, error) {
	var request struct {
		Acceptance *string `json:"acceptance"`
		Status     *string `json:"status"`
	}
	if err := strictDecode(body, &request); err != nil {
		return nil, err
	}
	if a := request.Acceptance; a != nil && *a != acceptAuto && *a != acceptAutoOnTimeout && *a != acceptManual {
		return nil, errBadRequest("acceptance %q is not %s, %s or %s", *a, acceptAuto, acceptAutoOnTimeout, acceptManual)
	}
	id := r.PathValue("outlet_id")
	var changed OutletState
	err := s.changeOutlet(id, errUnknownOutlet(id), func(o *outlet) error {
		if request.Acceptance != nil {
			o.Acceptance = *request.Acceptance
		}
		if request.Status != nil {
			o.Status = *request.Status
		}
		changed = outletState(*o)
		return nil
	})
	return changed, err
}

// controlCatalog replaces a live menu as an edit in the GoBiz app would, in the
// shape of GET v2 catalog: things may lack external ids, and no event is sent.
func controlCatalog(s *Sandbox, r *http.Request, body []byte) (any, error) {
	var edited catalog
	if err := strictDecode(body, &edited); err != nil {
		return nil, err
	}
	id := r.PathValue("outlet_id")
	edited.identify(id, s.newUUID)
	return nil, s.changeOutlet(id, errUnknownOutlet(id), func(o *outlet) error {
		o.Catalog = &edited
		s.deactivateOrphanedPromos(*o)
		return nil
	})
}

func errUnknownOutlet(id string) error { return errNotFound("the sandbox has no outlet %s", id) }
