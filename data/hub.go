package data

import (
	"cmp"
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/pkg/errors"

	"github.com/hqvit/hqvit/internal/suggest"
	"github.com/hqvit/hqvit/internal/words"
)

// loadHub fills a set from the cache in which the clients of the Hugging Face Hub keep a data set that was
// downloaded: ORG/NAME, or ORG/NAME/FOLDER where a data set has several, then as loadParquet, and
// :revision=REVISION for another than main. It needs no network and asks for none.
//
// Source: Hugging Face, huggingface_hub, "Understand caching": datasets--ORG--NAME has refs/main, the commit,
// and snapshots/COMMIT/FILE, a link to blobs/DIGEST.
func loadHub(ctx context.Context, set *Set, name string, o Options) error {
	name, chosen, err := cutOptions(name, "image", "label", "revision")
	if err != nil {
		return err
	}
	cache, err := hubCache()
	if err != nil {
		return err
	}
	id, folder, err := cache.find(name)
	if err != nil {
		return err
	}
	root, err := os.OpenRoot(cache.dir(id))
	if err != nil {
		return errors.WithStack(err)
	}
	defer root.Close() // of what it opened, tables closes what it still has
	h := &snapshot{root: root, ctx: ctx, id: id, revision: cmp.Or(chosen["revision"], "main")}
	if err := h.resolve(); err != nil {
		return err
	}
	delete(chosen, "revision")
	if h.FS, err = fs.Sub(root.FS(), h.at); err != nil {
		return errors.WithStack(err)
	}
	set.Title, set.Source = path.Base(id), fmt.Sprintf("Hugging Face Hub, datasets/%s, commit %s", id,
		path.Base(h.at))
	t := &tables{FS: h, options: o, chosen: chosen, written: "hub:" + strings.TrimSuffix(id+"/"+folder, "/.")}
	if _, err := fs.Stat(h.FS, folder); err != nil {
		return errors.Errorf("there is no folder %s in %s", folder, id)
	}
	if err := t.list(folder); err != nil {
		return err
	}
	if err := t.load(ctx, set); err != nil {
		return err
	}
	set.note(fmt.Sprintf("commit %s, revision %s", path.Base(h.at), h.revision))
	if h.unverified > 0 {
		set.note(words.Count(h.unverified, "file") + " could not be verified, as the cache does not name a digest")
	}
	return nil
}

// hubDir is the folder in which the Hub's clients keep what they have downloaded.
type hubDir string

// hubCache returns that folder, by the same variables as those clients.
func hubCache() (hubDir, error) {
	for _, v := range []struct{ name, below string }{{"HF_HUB_CACHE", ""}, {"HUGGINGFACE_HUB_CACHE", ""},
		{"HF_HOME", "hub"}, {"XDG_CACHE_HOME", "huggingface/hub"}} {
		if dir := os.ExpandEnv(os.Getenv(v.name)); dir != "" {
			if rest, home := strings.CutPrefix(dir, "~"); home {
				if home, err := os.UserHomeDir(); err == nil {
					dir = home + rest
				}
			}
			return hubDir(filepath.Join(dir, filepath.FromSlash(v.below))), nil
		}
	}
	home, err := os.UserHomeDir()
	return hubDir(filepath.Join(home, ".cache", "huggingface", "hub")), errors.Wrap(err, "set HF_HOME")
}

func (h hubDir) dir(id string) string {
	return filepath.Join(string(h), "datasets--"+strings.ReplaceAll(id, "/", "--"))
}

func (h hubDir) has(id string) bool {
	info, err := os.Stat(h.dir(id))
	return err == nil && info.IsDir()
}

// hubName is a part of a name on the Hub.
var hubName = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._-]*$`)

// find returns the name of a data set and the folder in it that a name says. Some old data sets have no ORG.
func (h hubDir) find(name string) (id, folder string, err error) {
	parts := strings.Split(name, "/")
	for _, part := range parts {
		if !hubName.MatchString(part) || strings.Contains(part, "--") {
			return "", "", errors.Errorf("%q is no name of a data set on the Hub, want ORG/NAME", name)
		}
	}
	n := min(2, len(parts))
	if id = strings.Join(parts[:n], "/"); n == 2 && !h.has(id) && h.has(parts[0]) {
		n, id = 1, parts[0]
	}
	if !h.has(id) {
		return "", "", h.missing(id)
	}
	return id, path.Join(append([]string{"."}, parts[n:]...)...), nil
}

// missing says that a data set is not in the cache, what is there, and how it gets there.
func (h hubDir) missing(id string) error {
	var there []string
	entries, _ := os.ReadDir(string(h)) // without it there is none
	for _, entry := range entries {
		if name, ok := strings.CutPrefix(entry.Name(), "datasets--"); ok {
			there = append(there, strings.Replace(name, "--", "/", 1))
		}
	}
	return errors.Errorf("%s%s is not in the cache %s; there is %s; %s", id, suggest.Among(id, there), string(h),
		orNothing(there), toDownload(id, ""))
}

// toDownload says what fills the cache.
func toDownload(id, revision string) string {
	command := "hf download --repo-type dataset " + id
	if revision != "" && revision != "main" {
		command += " --revision " + revision
	}
	return "to fill it, run where there is a network: " + command
}

// snapshot is one revision of a data set in the cache. It opens files, and follows links no farther than the
// data set's folder in the cache.
type snapshot struct {
	fs.FS
	root       *os.Root
	ctx        context.Context // of the one call that it is made for
	id         string
	revision   string
	at         string // its folder in root
	unverified int
}

var (
	isCommit = regexp.MustCompile(`^[0-9a-f]{40}$`)
	isSHA256 = regexp.MustCompile(`^[0-9a-f]{64}$`)
)

// resolve finds the folder of the revision.
func (h *snapshot) resolve() error {
	commit := h.revision
	if !isCommit.MatchString(commit) {
		if !fs.ValidPath(h.revision) {
			return errors.Errorf("%q is no revision", h.revision)
		}
		text, err := h.root.ReadFile("refs/" + h.revision)
		if err != nil {
			return errors.Errorf("revision %s of %s is not in the cache; there is %s; %s", h.revision, h.id,
				h.revisions(), toDownload(h.id, h.revision))
		}
		if commit = strings.TrimSpace(string(text)); !isCommit.MatchString(commit) {
			return errors.Errorf("the cache is damaged: refs/%s of %s holds %.60q, want a commit", h.revision, h.id,
				commit)
		}
	}
	h.at = "snapshots/" + commit
	if info, err := h.root.Stat(h.at); err != nil || !info.IsDir() {
		return errors.Errorf("commit %s of %s is not in the cache; there is %s; %s", commit, h.id, h.revisions(),
			toDownload(h.id, h.revision))
	}
	return nil
}

// revisions lists what revision= can be.
func (h *snapshot) revisions() string {
	var names []string
	_ = fs.WalkDir(h.root.FS(), "refs", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			names = append(names, strings.TrimPrefix(name, "refs/"))
		}
		return nil
	})
	entries, _ := fs.ReadDir(h.root.FS(), "snapshots")
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return orNothing(names)
}

// Open opens a file, and checks that it is the one that the name of its blob says: a SHA-256 digest of a
// large file, what git says of a small one.
func (h *snapshot) Open(name string) (fs.File, error) {
	info, err := h.root.Lstat(path.Join(h.at, name))
	if err != nil || info.IsDir() {
		return h.FS.Open(name)
	}
	file, err := h.FS.Open(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, errors.Errorf("%s has not been downloaded completely; %s", name, toDownload(h.id, h.revision))
	case err != nil && info.Mode()&fs.ModeSymlink != 0:
		return nil, errors.Errorf("%s is a link that leads out of the cache, which is not followed (%v)", name, err)
	case err != nil:
		return nil, err
	}
	digest := ""
	if info.Mode()&fs.ModeSymlink != 0 {
		to, err := h.root.Readlink(path.Join(h.at, name))
		if err != nil {
			file.Close()
			return nil, errors.WithStack(err)
		}
		digest = path.Base(filepath.ToSlash(to))
	}
	if err := h.verify(file, digest); err != nil {
		file.Close()
		return nil, errors.WithMessage(err, name)
	}
	return file, nil
}

// verify compares a file with its digest, and goes back to its beginning.
func (h *snapshot) verify(file fs.File, digest string) error {
	info, err := file.Stat()
	if err != nil {
		return errors.WithStack(err)
	}
	var sum hash.Hash
	switch {
	case isSHA256.MatchString(digest):
		sum = sha256.New()
	case isCommit.MatchString(digest):
		sum = sha1.New()
		fmt.Fprintf(sum, "blob %d\x00", info.Size())
	default:
		h.unverified++
		return nil
	}
	if _, err := io.Copy(sum, reader{h.ctx, file}); err != nil {
		return errors.Wrap(err, "stopped while verifying it")
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != digest {
		return errors.Errorf("the file is not what was downloaded: its digest is %s, and its name in the "+
			"cache says "+
			"%s; delete it, and %s", got, digest, toDownload(h.id, h.revision))
	}
	if seeker, ok := file.(io.Seeker); ok {
		_, err = seeker.Seek(0, io.SeekStart)
	}
	return errors.WithStack(err)
}

// reader reads until a context is done.
type reader struct {
	ctx context.Context
	io.Reader
}

func (r reader) Read(b []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(b)
}
