package serve

import (
	"net/http"
	"path"

	"github.com/hqvit/hqvit/train/report/study"
	"github.com/hqvit/hqvit/train/rundir"
)

// study returns what the results of a study say.
func (d *runs) study(id string) studyInfo {
	info := studyInfo{ID: id, Models: []string{}}
	if r, err := study.ReadIn(d.root, id); err == nil {
		info.Title = r.Metadata.Title
		for _, m := range r.Models {
			info.Models = append(info.Models, m.Name)
		}
	}
	info.Report = d.has(path.Join(id, study.HTMLFile))
	return info
}

// report answers with the page of a study. It has styles and pictures of its own, and can do nothing else.
func (s *Server) report(w http.ResponseWriter, r *http.Request) error {
	d, id, err := s.asked(r, "study", (*runs).findStudies)
	if err != nil {
		return err
	}
	f, info, err := rundir.OpenIn(d.root, path.Join(id, study.HTMLFile))
	if err != nil {
		return notFound("study %s has no %s", id, study.HTMLFile)
	}
	defer f.Close()
	w.Header().Set("Content-Security-Policy", filePolicy)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	http.ServeContent(w, r, "", info.ModTime(), f)
	return nil
}
