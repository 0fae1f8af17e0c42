package diagnose
import ("testing";"context";"os";"fmt";"path/filepath";"time";"github.com/whytls/whytls/parsers/source";"runtime/pprof")
func TestZZ(t *testing.T){
 dir:=t.TempDir(); n:=1000
 fmt.Sscan(os.Getenv("N"),&n); rate:=0; fmt.Sscan(os.Getenv("RATE"),&rate)
 for i:=range n { os.WriteFile(filepath.Join(dir,fmt.Sprintf("app%d-x.log",i)),[]byte("2026/11/22 00:00:00 line\n"),0o600)}
 srcs,later,_:=source.Watch([]string{dir},nil,source.FollowOptions{})
 l,_:=NewLive(Options{},srcs,later)
 ctx,cancel:=context.WithCancel(context.Background())
 done:=make(chan error,1)
 go func(){done<-l.Run(ctx)}()
 time.Sleep(14*time.Second)
 f,_:=os.Create("/tmp/follow-perf/cpu.prof"); pprof.StartCPUProfile(f)
 for k:=0;k<15*max(rate,1);k++ {
  if rate>0 { w,_:=os.OpenFile(filepath.Join(dir,fmt.Sprintf("app%d-x.log",k%n)),os.O_APPEND|os.O_WRONLY,0); fmt.Fprintf(w,"2026/11/22 00:00:01 served request %d\n",k); w.Close(); time.Sleep(time.Second/time.Duration(rate))} else {time.Sleep(time.Second)}
 }
 pprof.StopCPUProfile(); f.Close()
 m,_:=os.Create("/tmp/follow-perf/mem.prof"); pprof.Lookup("heap").WriteTo(m,0); m.Close()
 cancel(); <-done
}
