package job

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/atomicfile"
	"github.com/hqvit/hqvit/qops/circuit/qasm"
)

// ManifestFile is the name of the manifest in the directory of a job.
const ManifestFile = "manifest.json"

// maxManifest bounds the manifest, and maxProgram a program, in bytes.
const maxManifest, maxProgram = 256 << 20, 64 << 20

// Digest returns the SHA-256 of a content as a manifest has it, in hexadecimal digits.
func Digest(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// Write writes the programs and the manifest into a new directory, or an empty one, as a whole: they are
// written beside it, and the name is given when all is on the disk. It sets the digests of the programs. It
// returns an error for a directory that holds something already, for a job that was opened, which has a
// directory, and the context's.
func (j *Job) Write(ctx context.Context, dir string) error {
	return errors.WithMessage(j.write(ctx, dir), "job: Write")
}

func (j *Job) write(ctx context.Context, dir string) (err error) {
	switch {
	case j == nil || len(j.Programs) == 0:
		return errors.New("want a job of Whole, Pairs or Measure, got an empty one")
	case ctx == nil:
		return errors.New("the context is nil")
	case dir == "":
		return errors.New("want a directory, got none")
	}
	dir = filepath.Clean(dir)
	if err := CheckNew(dir); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o777); err != nil {
		return errors.WithStack(err)
	}
	beside, err := os.MkdirTemp(filepath.Dir(dir), "."+filepath.Base(dir)+".*.hqvit.tmp")
	if err != nil {
		return errors.WithStack(err)
	}
	defer func() {
		if err != nil {
			os.RemoveAll(beside)
		}
	}()
	if err := os.Chmod(beside, 0o755); err != nil { // that of a temporary directory is for its owner alone
		return errors.WithStack(err)
	}
	for i := range j.Programs {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		text, err := j.text(j.Programs[i])
		if err != nil {
			return errors.WithMessage(err, j.Programs[i].Name)
		}
		j.Programs[i].SHA256 = Digest(text)
		if err := writeSynced(filepath.Join(beside, j.Programs[i].File()), text); err != nil {
			return err
		}
	}
	manifest, err := json.MarshalIndent(j, "", " ")
	if err != nil {
		return errors.WithStack(err)
	}
	err = atomicfile.WriteBytes(filepath.Join(beside, ManifestFile), append(manifest, '\n'))
	if err != nil {
		return err
	}
	if err := os.Remove(dir); err != nil && !errors.Is(err,
		os.ErrNotExist) { // an empty one is in the way somewhere
		return errors.WithStack(err)
	}
	return errors.WithStack(os.Rename(beside, dir))
}

// writeSynced writes a file in a directory that has no name yet.
func writeSynced(path string, content []byte) error {
	file, err := os.Create(path)
	if err != nil {
		return errors.WithStack(err)
	}
	_, err = file.Write(content)
	if err == nil {
		err = file.Sync()
	}
	if closed := file.Close(); err == nil {
		err = closed
	}
	return errors.WithStack(err)
}

// CheckNew returns an error unless Write may make that directory: it is not there, or empty. A link is not
// followed, and the working directory is not replaced.
func CheckNew(dir string) error {
	there, err := os.Lstat(filepath.Clean(dir))
	if err == nil && there.Mode()&os.ModeSymlink != 0 {
		return errors.Errorf("%s is a link, which is not replaced: want a new directory", dir)
	}
	if here, wrong := os.Stat("."); err == nil && wrong == nil && os.SameFile(there, here) {
		return errors.Errorf("%s is the working directory, which is not replaced: want a new directory", dir)
	}
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, os.ErrNotExist) || err == nil && len(entries) == 0:
		return nil
	case err != nil:
		return errors.Errorf("%s is there, and is no directory: want a new one", dir)
	}
	if _, err := os.Stat(filepath.Join(dir, ManifestFile)); err == nil {
		return errors.Errorf("%s holds a job already: want a new directory", dir)
	}
	return errors.Errorf("%s holds something else, which is not replaced: want a new directory", dir)
}

// File returns the name of a program's file.
func (p Program) File() string { return p.Name + ".qasm" }

// text returns a program as it is written.
func (j *Job) text(p Program) ([]byte, error) {
	if p.circuit == nil {
		return nil, errors.New("the program has no circuit: it was opened, and has a file")
	}
	d, err := p.dynamic()
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	out.Write(p.comment())
	err = qasm.WriteDynamic(&out, d, j.QASM)
	return out.Bytes(), err
}

// comment returns what a program begins with.
func (p Program) comment() []byte {
	text := fmt.Appendf(nil, "// %s: %s\n", p.Name, p.Purpose)
	for b, what := range p.Bits {
		text = fmt.Appendf(text, "// c[%d] %s\n", b, what)
	}
	return text
}

// Open returns the job of a directory. It reads strictly: an error for a manifest of another version, with a
// key that is not known or values that do not go together, and for a program that is missing or was changed.
func Open(dir string) (*Job, error) {
	j, err := open(dir)
	return j, errors.WithMessagef(err, "job %s", dir)
}

func open(dir string) (*Job, error) {
	text, err := readFile(filepath.Join(dir, ManifestFile), maxManifest)
	if errors.Is(err, os.ErrNotExist) {
		return nil, errors.Errorf("there is no %s: want the directory of a job, as hqvit circuit --out "+
			"writes it",
			ManifestFile)
	}
	if err != nil {
		return nil, err
	}
	j, err := parse(text)
	if err != nil {
		return nil, errors.WithMessage(err, ManifestFile)
	}
	for i := range j.Programs {
		p := &j.Programs[i]
		text, err := readFile(filepath.Join(dir, p.File()), maxProgram)
		if err != nil {
			return nil, err
		}
		if Digest(text) != p.SHA256 {
			return nil, errors.Errorf("%s is not as it was written: its SHA-256 is not that of the manifest",
				p.File())
		}
		if !bytes.HasPrefix(text, p.comment()) || !bytes.Contains(text, fmt.Appendf(nil, "\nOPENQASM %d", j.QASM)) {
			return nil, errors.Errorf("%s begins otherwise than %s says: want its name, its purpose, its "+
				"bits, and OpenQASM %d", p.File(), ManifestFile, j.QASM)
		}
		if err := p.load(text); err != nil {
			return nil, errors.WithMessage(err, p.File())
		}
	}
	return j, nil
}

// readFile returns a file of at most so many bytes.
func readFile(path string, most int64) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, errors.WithStack(err)
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, most+1))
	if err == nil && int64(len(text)) > most {
		err = errors.Errorf("%s has more than %d MiB", path, most>>20)
	}
	return text, errors.WithStack(err)
}

// load takes a program's circuit from its text.
func (p *Program) load(text []byte) error {
	d, err := qasm.ParseDynamic(bytes.NewReader(text))
	if err != nil {
		return err
	}
	c, readout, err := d.Unitary()
	if err != nil {
		return err
	}
	if c.NumTheta()+c.NumData() > 0 {
		return errors.New("want a program of numbers, got one with inputs")
	}
	qubits := slices.Repeat([]int{-1}, len(p.Bits))
	for _, r := range readout {
		if r.Bit >= 0 && r.Bit < len(qubits) {
			qubits[r.Bit] = r.Qubit
		}
	}
	if d.Bits() != len(p.Bits) || !slices.Equal(qubits, p.Qubits) {
		return errors.Errorf("it measures the qubits %v into %d bits, the manifest says %v", qubits,
			d.Bits(), p.Qubits)
	}
	p.circuit = c
	return nil
}

// parse returns the job of a manifest.
func parse(text []byte) (*Job, error) {
	var head struct {
		Format  string `json:"format"`
		Version int    `json:"version"`
	}
	if err := json.Unmarshal(text, &head); err != nil {
		return nil, errors.Errorf("it is damaged: %v", err)
	}
	if head.Format != format || head.Version != Version {
		return nil, errors.Errorf("format is %q and version %d, want %q and %d", head.Format, head.Version,
			format,
			Version)
	}
	j := &Job{}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(j); err != nil {
		return nil, errors.Errorf("it is damaged: %v", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("it is damaged: something stands behind its end")
	}
	return j, j.check()
}
