package cli

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"

	"github.com/pkg/errors"
	"github.com/spf13/cobra"

	"github.com/hqvit/hqvit/serve"
)

// serveFlags say where and what is served.
type serveFlags struct {
	addr   string
	remote bool
	serve.Options
}

func (p program) serveCommand() *cobra.Command {
	var f serveFlags
	cmd := &cobra.Command{
		Use:   "serve [DIR...]",
		Short: "Try models on a page of this machine, and look at runs",
		Long: `Serve a page on which pictures are drawn, dropped or chosen and the best weights of runs say
at once what they see: probabilities, attention, the circuits of the heads and the picture as
a quantum state, with the shots and the noise of a device. Several models stand side by side.
With --runs, a second page shows the runs and studies in a directory, with their curves while
they are trained. The same is an API in JSON, which docs/serve.md describes.

The page is for this machine alone. Another --addr than one of loopback wants --allow-remote:
then anybody who can reach it can use the models, see the runs and take the time of this
machine, since there is neither a password nor encryption. An interrupt (Ctrl-C) ends it.`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			f.Models, f.Names = args, p.names
			return runServe(cmd, f)
		},
	}
	cmd.Flags().StringVar(&f.addr, "addr", "127.0.0.1:8017",
		"`address` to listen at, HOST:PORT; port 0 is any free one")
	cmd.Flags().StringVar(&f.Runs, "runs", "", "show the runs and studies in a `directory`")
	cmd.Flags().BoolVar(&f.remote, "allow-remote", false, "allow an --addr that other machines can reach")
	cmd.Flags().StringArrayVar(&f.Hosts, "host", nil,
		"answer requests for this `name`, too, beside localhost and addresses; can be repeated")
	cmd.Flags().StringVar(&f.DataDir, "data-dir", "",
		"`directory` of data sets, for sample pictures (default: $HQVIT_DATA, or the user's cache)")
	registerThreads(cmd, &f.Threads)
	return cmd
}

func runServe(cmd *cobra.Command, f serveFlags) error {
	if len(f.Models) == 0 && f.Runs == "" {
		return usageError{errors.New("serve: nothing to serve, want the directory of a run, or --runs " +
			"with one " +
			"of many")}
	}
	remote, err := reach(f.addr)
	switch {
	case err != nil:
		return usageError{err}
	case remote && !f.remote:
		return usageError{errors.Errorf("--addr %s can be reached from other machines: anybody there "+
			"could use "+
			"the models, see the runs and take this machine's time, without a password; if that is meant, "+
			"add "+
			"--allow-remote", f.addr)}
	}
	f.Remote = remote
	s, err := f.Options.New()
	if err != nil {
		return err
	}
	defer s.Close()
	l, err := net.Listen("tcp", f.addr)
	if err != nil {
		return errors.Errorf("serve: cannot listen at %s (%v); choose another --addr, with port 0 for any "+
			"free one",
			f.addr, errors.Cause(err))
	}
	if remote {
		fmt.Fprintf(cmd.ErrOrStderr(), "anybody who can reach %s can use the models, see the runs and "+
			"take this "+
			"machine's time: there is no password and no encryption\n", l.Addr())
	}
	fmt.Fprintf(cmd.OutOrStdout(), "http://%s/\n", l.Addr())
	return s.Serve(cmd.Context(), l)
}

// reach reports whether other machines can reach an address. It returns an error for what is none.
func reach(addr string) (remote bool, err error) {
	host, port, err := net.SplitHostPort(addr)
	if n, wrong := strconv.Atoi(port); err != nil || wrong != nil || n < 0 || n > 65535 {
		return false, errors.Errorf("--addr is %q, want HOST:PORT, such as 127.0.0.1:8017", addr)
	}
	if strings.EqualFold(host, "localhost") {
		return false, nil
	}
	a, err := netip.ParseAddr(host)
	if err != nil && host != "" {
		return false, errors.Errorf("--addr is %q, want localhost or an address of this machine, not a "+
			"name", addr)
	}
	return !a.Unmap().IsLoopback(), nil // an empty host is every address
}
