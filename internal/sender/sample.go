package sender

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/gobiz-cli/gobiz/pkg/webhook"
)

// SampleOptions say what a made-up order is like. The zero value is a delivery
// of a few dishes from an outlet of the sandbox.
type SampleOptions struct {
	OutletID         string
	ExternalOutletID string
	OrderNumber      string     // default: made up
	Menu             []MenuItem // what may be on it; default SampleMenu
	Pickup           bool       // the customer fetches it; there is no driver
	Scheduled        bool       // for a slot two hours later
	CreatedAt        time.Time
	// Plain fills in what is null in live notifications: the customer's name,
	// whether cutlery is wanted, notes.
	Plain bool
}

// What a sample has when nobody says otherwise: the sandbox's first outlets.
const (
	sampleOutlet                   = "G100000001"
	sampleExternalOutlet           = "POS-TEBET"
	sampleEnterpriseOutlet         = "M100001"
	sampleEnterpriseExternalOutlet = "CFC-BLOK-M"
	sampleTakeaway                 = 2000 // rupiah
	sampleSlot                     = 2 * time.Hour
	sampleSlotLength               = 30 * time.Minute
)

// A Sample is a made-up order, of which every event can be had. All its data is
// invented.
type Sample struct {
	options  SampleOptions
	pin      int
	customer string // id
	items    []Item
	total    float64
	request  string // of the push that a mapping event tells of
	payment  string
}

// NewSample makes up an order. The same source of random numbers makes the same
// order.
func NewSample(random *rand.Rand, o SampleOptions) *Sample {
	if len(o.Menu) == 0 {
		o.Menu = SampleMenu()
	}
	s := &Sample{
		options:  o,
		pin:      random.IntN(100_000),
		customer: fmt.Sprintf("%016X%016X", random.Uint64(), random.Uint64()),
		items:    basket(random, o.Menu),
		total:    sampleTakeaway,
		request:  randomUUID(random),
		payment:  randomUUID(random),
	}
	number := 100_000_000 + random.IntN(900_000_000)
	if o.OrderNumber == "" {
		s.options.OrderNumber = fmt.Sprintf("F-%d", number)
	}
	wish := "tanpa bawang"
	for i := range s.items {
		s.total += s.items[i].Price * float64(s.items[i].Quantity)
		if random.IntN(4) == 0 || o.Plain && i == 0 { // mostly null, live
			s.items[i].Notes = &wish
		}
	}
	return s
}

// Event is an event of the order, or one about its outlet's menu or a payment.
// after is how long after the order was placed it happens, in GoBiz's time.
func (s *Sample) Event(name webhook.EventName, after time.Duration) Event {
	at := s.options.CreatedAt.Add(after)
	e := Event{Header: Header{
		Name: string(name), ID: EventID(name, " ", s.options.OrderNumber, " ", s.options.CreatedAt.UnixNano()),
		Version: Version, Timestamp: Time(at),
	}}
	switch name {
	case webhook.OrderWebhookError:
		e.Header.Timestamp = at.UTC().Format(time.RFC3339) // as in its sample
		e.Body = s.mappingError()
	case webhook.MenuMappingUpdated:
		e.Body = s.mapping()
	case webhook.PaymentSettlement:
		e.Body = s.settlement(at)
	default:
		if !s.options.Plain {
			// Live, all events of an order bear the time at which it was placed.
			e.Header.Timestamp = Time(s.options.CreatedAt)
		}
		e.Body = s.order(name)
	}
	return e
}

// order is the body of an order's event.
func (s *Sample) order(name webhook.EventName) OrderBody {
	status := strings.ToUpper(strings.TrimPrefix(string(name), "gofood.order."))
	body := OrderBody{
		Customer:    Person{ID: s.customer},
		ServiceType: "gofood",
		Outlet:      s.outlet(),
		Order: Order{
			Status: status, PIN: fmt.Sprintf("%04d", s.pin%10_000), Number: s.options.OrderNumber, Total: s.total, Currency: "IDR",
			Items: s.items, Takeaway: sampleTakeaway, CreatedAt: Time(s.options.CreatedAt), Promotions: []Promotion{},
		},
	}
	if s.options.Plain {
		budi, cutlery := "Budi", false
		body.Customer.Name, body.Order.Cutlery = &budi, &cutlery
	}
	switch {
	case s.options.Pickup:
		body.ServiceType = "gofood_pickup"
	case hasDriver(name):
		driver := "Pak Contoh"
		body.Driver = &Person{Name: &driver}
	}
	if name == webhook.OrderCancelled {
		body.Order.Cancellation = &Cancellation{Reason: "The merchant did not answer in time"}
	}
	if s.options.Scheduled {
		start := s.options.CreatedAt.Add(sampleSlot)
		body.Order.Scheduled = &Schedule{Start: Time(start), End: Time(start.Add(sampleSlotLength))}
	}
	return body
}

// hasDriver reports whether a driver is known by the time of an event.
func hasDriver(name webhook.EventName) bool {
	switch name {
	case webhook.OrderDriverOnTheWay, webhook.OrderDriverArrived, webhook.OrderPlaced, webhook.OrderCompleted:
		return true
	default:
		return false
	}
}

func (s *Sample) outlet() Outlet {
	o := Outlet{ID: s.options.OutletID}
	external := s.options.ExternalOutletID
	if o.ID == "" {
		o.ID = sampleOutlet
		if external == "" {
			external = sampleExternalOutlet
		}
	}
	if external != "" {
		o.ExternalID = &external
	}
	return o
}

// mappingError says that the order's first item, and its variants, have no
// external id.
func (s *Sample) mappingError() ErrorBody {
	missing := Missing{Items: []Named{{s.items[0].Name}}, Variants: []Named{}}
	for _, v := range s.items[0].Variants {
		missing.Variants = append(missing.Variants, Named{v.Name})
	}
	return ErrorBody{ErrorType: MappingNotFound, Missing: missing, Order: OrderNumber{s.options.OrderNumber}, Outlet: s.outlet()}
}

func (s *Sample) mapping() MappingBody {
	body := MappingBody{RequestID: s.request, Outlet: s.outlet(), Menus: []MappedItem{}}
	for _, item := range s.items {
		body.Menus = append(body.Menus, MappedItem{ID: item.ID, ExternalMenuID: item.ExternalID})
	}
	return body
}

func (s *Sample) settlement(at time.Time) SettlementBody {
	return SettlementBody{
		Outlet: OutletID{s.outlet().ID},
		Transaction: Transaction{
			ID: s.payment, Type: "qris", Status: "settlement", OrderID: "INV-" + s.request[:8], Amount: int64(s.total), Currency: "IDR",
			CreatedAt: at.Add(-time.Minute).In(WIB).Format(time.RFC3339), SettledAt: at.In(WIB).Format(time.RFC3339), Terminal: "A01",
		},
	}
}

// Enterprise is the order as the legacy API sends it, when the driver arrives:
// without variants, and with what the newer events do not tell of people. Phone
// numbers and e-mail address are made up.
func (s *Sample) Enterprise() EnterpriseOrder {
	o := EnterpriseOrder{
		Status: "DRIVER_ARRIVED", OutletID: s.options.OutletID, PIN: fmt.Sprintf("%05d", s.pin), Total: s.total,
		Number: s.options.OrderNumber, Items: []EnterpriseItem{}, ExternalOutletID: s.options.ExternalOutletID,
		Driver:   EnterprisePerson{Phone: "+6280000000001", Name: "Pak Contoh"},
		Customer: EnterprisePerson{Phone: "+6280000000002", Name: "Budi", Email: "customer@example.test"},
		Currency: "IDR", CreatedOn: s.options.CreatedAt.In(WIB).Format(time.RFC3339),
	}
	if o.OutletID == "" {
		o.OutletID, o.ExternalOutletID = sampleEnterpriseOutlet, sampleEnterpriseExternalOutlet
	}
	for _, item := range s.items {
		line := EnterpriseItem{Quantity: item.Quantity, Price: item.Price, Name: item.Name, ID: item.ID, ExternalID: item.ExternalID}
		if item.Notes != nil {
			line.Notes = *item.Notes
		}
		o.Items = append(o.Items, line)
	}
	return o
}

// randomUUID is a version 4 UUID.
func randomUUID(random *rand.Rand) string {
	var id uuid.UUID
	binary.BigEndian.PutUint64(id[:8], random.Uint64())
	binary.BigEndian.PutUint64(id[8:], random.Uint64())
	id[6] = id[6]&0x0f | 0x40
	id[8] = id[8]&0x3f | 0x80
	return id.String()
}
