package sandbox

// updateOutletProperties closes an outlet, or lets it follow its hours again
// (developer documentation, "Outlet properties"). A merchant's token needs the
// role owner or manager; a partner's has none to check.
func updateOutletProperties(s *Sandbox, c *call) (reply, error) {
	var body struct {
		ForceClose *bool `json:"force_close"`
	}
	if err := decode(c.body, &body); err != nil {
		return reply{}, err
	}
	if body.ForceClose == nil {
		return reply{}, errInvalid("force_close: missing required field")
	}
	err := s.changeOutlet(c.outlet.ID, errUnregisteredOutlet(), func(o *outlet) error {
		if c.token.Grant == grantAuthorizationCode {
			if u, _ := s.store.users.get(c.token.Phone); u.Role != roleOwner && u.Role != roleManager {
				return errForbidden("User with role " + u.Role + " is not allowed to change outlet properties")
			}
		}
		o.ForceClose = *body.ForceClose
		return nil
	})
	return reply{data: map[string]bool{"force_close": *body.ForceClose}}, err
}
