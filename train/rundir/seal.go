package rundir

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"regexp"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/atomicfile"
)

// ErrDamaged is what an error wraps that says that a file is not what was written.
var ErrDamaged = errors.New("damaged")

// damaged is an error about the content of a file, with what to do.
type damaged struct{ error }

func (damaged) Is(target error) bool { return target == ErrDamaged }

// A text file is sealed by a line with the SHA-256 of all other lines: in JSON the second, in YAML the last.
// One without such a line, as people and other programs write them, is read as it is.
var seal = regexp.MustCompile(`(?m)^(?:  "sha256": "([0-9a-f]{64})",\n|# sha256 of the lines above: ` +
	`([0-9a-f]{64})(?:\n|\z))`)

// brokenSeal matches what is left of such a line with a mistake in it, at its place: its words or its digest.
var brokenSeal = regexp.MustCompile(`(?m)\A\{?\s*(?:.{0,4}sha256|"[^"\n]*":\s*"?[0-9a-f]{32})|` +
	`# sha256 of|the lines above: [0-9a-f]|^#.*[0-9a-f]{32}`)

func digestOf(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// unseal returns a text without its seal, and whether there was one. It returns an error that wraps
// ErrDamaged if the text is not the one that was sealed, or its seal is not whole; advice says what to do
// then.
func unseal(path, advice string, text []byte) (rest []byte, sealed bool, err error) {
	at := seal.FindSubmatchIndex(text)
	if at == nil && brokenSeal.Match(text) {
		return text, false, damaged{errors.Errorf("%s is damaged or was changed by hand: its line with "+
			"\"sha256\" is not as it was written, so nothing says whether the rest is; %s, or remove that "+
			"line if the change is meant", path, advice)}
	}
	if at == nil {
		return text, false, nil
	}
	want := string(seal.FindSubmatch(text)[1]) + string(seal.FindSubmatch(text)[2])
	rest = append(bytes.Clone(text[:at[0]]), text[at[1]:]...)
	if got := digestOf(rest); got != want {
		return rest, true, damaged{errors.Errorf("%s is damaged or was changed by hand: its content has the "+
			"SHA-256 %.8s…, it was written with %.8s…; %s, or remove the line with \"sha256\" if the change "+
			"is meant", path, got, want, advice)}
	}
	return rest, true, nil
}

// SaveJSON replaces the file at path by a value as JSON that people can read, sealed: the numbers of a list
// are on one line. The value is a struct with a field, or a map with a key.
func SaveJSON(path string, value any) error {
	text, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return errors.Wrap(err, path)
	}
	if !bytes.HasPrefix(text, []byte("{\n")) {
		return errors.Errorf("%s: a %T has no keys, want a struct or a map", path, value)
	}
	text = append(joinLists(text), '\n')
	sealed := append([]byte("{\n  \"sha256\": \""+digestOf(text)+"\",\n"), text[len("{\n"):]...)
	return atomicfile.WriteBytes(path, sealed)
}

// ReadJSON fills in a value from the file at path. It returns an error that wraps os.ErrNotExist if there is
// none, one that wraps ErrDamaged if the file is sealed and not what SaveJSON wrote, and one for a key that
// the value does not have, if it is sealed: advice says what to do about such a file.
func ReadJSON(path, advice string, value any) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return errors.WithStack(err)
	}
	return decodeJSON(path, advice, text, value)
}

// decodeJSON fills in a value from the text of the file at path, see ReadJSON.
func decodeJSON(path, advice string, text []byte, value any) error {
	text, sealed, err := unseal(path, advice, text)
	if err != nil {
		return err
	}
	decode := json.Unmarshal
	if sealed { // by a program that may have known other keys
		decode = func(text []byte, value any) error {
			decoder := json.NewDecoder(bytes.NewReader(text))
			decoder.DisallowUnknownFields()
			return decoder.Decode(value)
		}
	}
	if err := decode(text, value); err != nil {
		return damaged{errors.Errorf("%s is not what it should be: %v; %s", path, err, advice)}
	}
	return nil
}

// saveConfig replaces a config.yaml, sealed.
func saveConfig(path string, text []byte) error {
	if n := len(text); n > 0 && text[n-1] != '\n' {
		text = append(bytes.Clone(text), '\n')
	}
	return atomicfile.WriteBytes(path, append(bytes.Clone(text), "# sha256 of the lines above: "+
		digestOf(text)+"\n"...))
}

// restoreIt is what to do about a damaged config.yaml.
const restoreIt = "restore it"

// ReadConfig returns the text of a config.yaml. If it is not as a run wrote it, the text comes with an error
// that wraps ErrDamaged.
func ReadConfig(path string) ([]byte, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, errors.WithStack(err)
	}
	text, _, err = unseal(path, restoreIt, text)
	return text, err
}

// joinLists puts each list of numbers in indented JSON on one line.
func joinLists(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		out = append(out, text[i])
		switch text[i] {
		case '"': // copy a string to its end
			for i++; text[i] != '"'; i++ {
				out = append(out, text[i])
				if text[i] == '\\' {
					i++
					out = append(out, text[i])
				}
			}
			out = append(out, '"')
		case '[':
			end := i + 1
			for bytes.IndexByte([]byte("0123456789+-.eE, \n"), text[end]) >= 0 {
				end++
			}
			if text[end] != ']' {
				continue
			}
			list := bytes.Join(bytes.Fields(text[i+1:end]), []byte{' '})
			out = append(append(out, list...), ']')
			i = end
		}
	}
	return out
}
