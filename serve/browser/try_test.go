package browser

import (
	"math"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/hqvit/hqvit/serve"
)

// seven is the corners of a 7, in parts of the drawing area.
var seven = [][2]float64{{0.25, 0.25}, {0.72, 0.25}, {0.45, 0.8}}

// padAt returns where the drawing area is in the window.
func (p *page) padAt() (left, top, width float64) {
	p.Helper()
	p.run(chromedp.ScrollIntoView("#pad"))
	box := strings.Split(p.text(`(() => { const b = document.getElementById('cursor').getBoundingClientRect();
		return [b.left, b.top, b.width].join(' ') })()`), " ")
	value := func(i int) float64 { v, _ := strconv.ParseFloat(box[i], 64); return v }
	return value(0), value(1), value(2)
}

// points returns points on the lines between corners, in the window.
func (p *page) points(corners [][2]float64) (points [][2]float64) {
	left, top, width := p.padAt()
	for i := 1; i < len(corners); i++ {
		a, b := corners[i-1], corners[i]
		for step := range 12 {
			f := float64(step) / 11
			points = append(points, [2]float64{left + width*(a[0]+f*(b[0]-a[0])), top + width*(a[1]+f*(b[1]-a[1]))})
		}
	}
	return points
}

func (p *page) drawByMouse(corners [][2]float64) {
	p.Helper()
	points := p.points(corners)
	for i, at := range points {
		kind := input.DispatchMouseEventTypeMouseMoved
		if i == 0 {
			kind = input.DispatchMouseEventTypeMousePressed
		}
		call(p, input.DispatchMouseEvent, input.DispatchMouseEventParams{Type: kind, X: at[0], Y: at[1],
			Button: input.MouseButtonLeft, Buttons: 1, ClickCount: 1})
	}
	last := points[len(points)-1]
	call(
		p,
		input.DispatchMouseEvent,
		input.DispatchMouseEventParams{Type: input.DispatchMouseEventTypeMouseReleased,
			X: last[0], Y: last[1], Button: input.MouseButtonLeft, ClickCount: 1},
	)
}

func TestASevenIsDrawnByMouse(t *testing.T) {
	p := open(t, "/", serve.Options{})
	p.until(`document.querySelectorAll('.model').length > 0 && document.querySelector('#sample-buttons button')`)
	p.style(1280, 900, "light")
	p.check("empty, light")
	p.style(1280, 900, "dark")
	p.check("empty, dark")
	p.style(1280, 900, "light")
	p.drawByMouse(seven)
	p.seen("Your drawing")
	if got := p.answer(); got != "7" {
		t.Errorf("the model says %s of a 7", got)
	}
	p.until(`/says 7 with/.test(document.getElementById('announce').textContent)`)
	if n := p.text(`document.querySelectorAll('.heads canvas').length`); n == "0" {
		t.Error("no map of a head")
	}
	p.until(`document.querySelector('.circuit img').naturalWidth > 100`)
	for _, size := range []struct {
		name          string
		width, height int64
	}{{"desktop", 1280, 900}, {"phone", 390, 844}} {
		for _, scheme := range []string{"light", "dark"} {
			p.style(size.width, size.height, scheme)
			time.Sleep(300 * time.Millisecond) // the window takes its size
			p.check(size.name + ", " + scheme)
			p.shoot("seven-" + size.name + "-" + scheme)
		}
	}
	p.run(chromedp.Click("#clear"))
	p.until(`document.querySelector('.answer').textContent.trim() === '–'`)
}

func TestASevenIsDrawnByFinger(t *testing.T) {
	p := open(t, "/", serve.Options{})
	p.style(390, 844, "light")
	p.until(`document.querySelectorAll('.model').length > 0`)
	points := p.points(seven)
	for i, at := range points {
		kind := input.DispatchTouchEventTypeTouchMove
		if i == 0 {
			kind = input.DispatchTouchEventTypeTouchStart
		}
		call(p, input.DispatchTouchEvent, input.DispatchTouchEventParams{Type: kind,
			TouchPoints: []*input.TouchPoint{{X: math.Round(at[0]), Y: math.Round(at[1])}}})
	}
	call(p, input.DispatchTouchEvent, input.DispatchTouchEventParams{Type: input.DispatchTouchEventTypeTouchEnd,
		TouchPoints: []*input.TouchPoint{}})
	p.seen("Your drawing")
	if got := p.text(`document.getElementById('short').innerText`); !strings.Contains(got, ": 7, ") {
		t.Errorf("%q does not say the answer beside the drawing", got)
	}
	if got := p.answer(); got != "7" {
		t.Errorf("the model says %s of a 7", got)
	}
}

// With the keys alone: to the drawing area by Tab, a seven by arrows, a sample, a slider.
func TestKeysAlone(t *testing.T) {
	p := open(t, "/", serve.Options{})
	p.until(`document.querySelectorAll('.model').length > 0 && document.querySelector('#sample-buttons button')`)
	focus := func() string { return p.text(`document.activeElement.id || document.activeElement.className`) }
	tab := func(want string) {
		t.Helper()
		for range 60 {
			p.run(chromedp.KeyEvent(kb.Tab))
			if focus() == want {
				return
			}
		}
		t.Fatalf("Tab never comes to %s; it is at %s", want, focus())
	}
	p.run(chromedp.KeyEvent(kb.Tab))
	if got := focus(); got != "skip" {
		t.Errorf("the first stop is %s, want the link that skips the head", got)
	}
	tab("cursor")
	press := func(key string, times int, shift bool) {
		for range times {
			if shift {
				p.run(chromedp.KeyEvent(key, chromedp.KeyModifiers(chromedp.ModifierShift)))
			} else {
				p.run(chromedp.KeyEvent(key))
			}
		}
	}
	press(kb.ArrowLeft, 6, false)
	press(kb.ArrowUp, 7, false)
	press(kb.ArrowRight, 12, true)
	for range 7 {
		press(kb.ArrowDown, 2, true)
		press(kb.ArrowLeft, 1, true)
	}
	p.seen("Your drawing")
	if got := p.answer(); got != "7" {
		t.Errorf("the model says %s of a 7", got)
	}
	if got := p.text(`document.getElementById('announce').textContent`); got == "" {
		t.Error("nothing is said to those who do not see")
	}
	p.style(1280, 900, "light")
	p.shoot("keys")
	press(kb.Backspace, 1, false)
	p.until(`document.querySelector('.answer').textContent.trim() === '–'`)
	tab("clear")
	p.run(chromedp.Focus("#sample-buttons button"), chromedp.KeyEvent(kb.Enter))
	p.seen("Sample 1 of class 0")
	p.run(chromedp.Focus("#shots"), chromedp.KeyEvent(kb.End))
	p.until(`/100 shots/.test(document.querySelector('.took').textContent)`)
	before := p.text(`document.querySelector('.answer').textContent`)
	p.run(chromedp.Focus("#noise"), chromedp.KeyEvent(kb.ArrowRight), chromedp.KeyEvent(kb.ArrowRight))
	p.until(`/noise 0.001/.test(document.querySelector('.took').textContent)`)
	t.Log("100 shots:", before, "with noise too:", p.text(`document.querySelector('.answer').textContent`))
	p.run(chromedp.Focus("#redraw"), chromedp.KeyEvent(kb.Enter))
	p.check("with shots and noise")
	p.shoot("noise")
	p.run(chromedp.Focus("select.head"), chromedp.KeyEvent(kb.ArrowDown))
	p.until(`/head 1/.test(document.querySelector('.circuit img').alt)`)
}

func TestAPictureIsDroppedAndChosen(t *testing.T) {
	p := open(t, "/", serve.Options{})
	p.until(`document.querySelectorAll('.model').length > 0`)
	picture, err := filepath.Abs("../../testdata/three-on-paper.png")
	if err != nil {
		t.Fatal(err)
	}
	left, top, width := p.padAt()
	x, y := left+width/2, top+width/2
	dragged := &input.DragData{Items: []*input.DragDataItem{}, Files: []string{picture}, DragOperationsMask: 1}
	for _, kind := range []input.DispatchDragEventType{input.DispatchDragEventTypeDragEnter,
		input.DispatchDragEventTypeDragOver, input.DispatchDragEventTypeDrop} {
		call(p, input.DispatchDragEvent, input.DispatchDragEventParams{Type: kind, X: x, Y: y, Data: dragged})
	}
	p.seen("three-on-paper.png")
	if got := p.answer(); got != "3" {
		t.Errorf("the model says %s of a 3", got)
	}
	if took := p.text(`document.querySelector('.took').textContent`); !strings.Contains(took, "inverted") {
		t.Errorf("%q does not say that the picture was inverted", took)
	}
	p.style(1280, 900, "light")
	p.shoot("dropped")
	seven, err := filepath.Abs("../../testdata/seven.png")
	if err != nil {
		t.Fatal(err)
	}
	p.run(chromedp.SetUploadFiles("#file", []string{seven}))
	p.seen("seven.png")
	if got := p.answer(); got != "7" {
		t.Errorf("the model says %s of a 7", got)
	}
	text, err := filepath.Abs("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	p.run(chromedp.SetUploadFiles("#file", []string{text}))
	p.until(`/want a picture/.test(document.querySelector('.model-problem').textContent)`)
	p.check("with an error")
}

// An answer that takes long is cancelled: what is shown stays, and the next one comes.
func TestCancel(t *testing.T) {
	p := open(t, "/", serve.Options{})
	p.until(`document.querySelectorAll('.model').length > 0 && document.querySelector('#sample-buttons button')`)
	p.run(chromedp.Click("#sample-buttons button"))
	p.seen("Sample 1 of class 0")
	value[int](p, `window.fetch = ((f) => (path, o) => (path.includes('noise=0.1') ? new Promise((_, fail) =>
		o.signal.addEventListener('abort', () => fail(new DOMException('', 'AbortError')))) : f(path, o)))(window.fetch); 0`)
	before := p.text(`document.querySelector('.took').textContent`)
	p.run(chromedp.Focus("#noise"), chromedp.KeyEvent(kb.End))
	p.until(`!document.getElementById('cancel').disabled`)
	p.run(chromedp.Click("#cancel"))
	p.until(`document.getElementById('cancel').disabled && document.getElementById('models').getAttribute('aria-busy') === 'false'`)
	if got := p.text(`document.querySelector('.took').textContent`); got != before || p.answer() != "0" {
		t.Errorf("shown is %s, %s, want %s as before", p.answer(), got, before)
	}
	p.run(chromedp.Focus("#noise"), chromedp.KeyEvent(kb.ArrowLeft))
	p.until(`/noise 0.03/.test(document.querySelector('.took').textContent)`)
}
