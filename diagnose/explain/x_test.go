package explain
import ("testing";"fmt";"os";"bufio";"encoding/json";"context";"strings";"time";"sort")
func TestCat(t *testing.T){
 f,err:=os.Open("/work/shared/knowledge/catalogue.jsonl"); if err!=nil {t.Skip()}
 type M struct{Library, Message, Canonical_cause, Confidence string; Other_causes []string}
 var ms []M
 sc:=bufio.NewScanner(f); sc.Buffer(nil,1<<20)
 for sc.Scan(){ var m M; json.Unmarshal(sc.Bytes(),&m); ms=append(ms,m)}
 rep:=strings.NewReplacer("%s","x","%d","7","%v","x","%q","\"x\"","%x","1f","%T","x.T","***","0C3","<function>","SSL_do")
 vars:=map[string]func(string)string{
  "plain":func(s string)string{return s},
  "lower":strings.ToLower,
  "upper":strings.ToUpper,
  "quoted":func(s string)string{return "\""+s+"\""},
  "prefixed":func(s string)string{return "2026-11-22T10:00:00Z ERROR myapp: could not talk to im.example.com:443: "+s},
  "cut":func(s string)string{ if len(s)>24 {return s[:len(s)*3/4]}; return s},
 }
 for _,v:=range []string{"plain","lower","upper","quoted","prefixed","cut"}{
  read,top3,n:=0,0,0; miss:=map[string][]string{}
  s:=time.Now()
  for i,m:=range ms{ if v!="plain"&&i%5!=0 {continue}
   n++
   e,err:=Explain(context.Background(),vars[v](rep.Replace(m.Message)),Options{Now:time.Unix(1763769600,0)})
   if err!=nil {t.Fatal(err)}
   if len(e.Readings)>0 {read++} else {miss[m.Library]=append(miss[m.Library],m.Message)}
   if len(e.Findings)>0 { for k,c:=range e.Findings[0].Causes { if k<3&&c.ID==m.Canonical_cause {top3++;break}}}
  }
  fmt.Printf("%s: n %d read %.3f top3 %.3f %v\n",v,n,float64(read)/float64(n),float64(top3)/float64(n),time.Since(s))
  var libs []string; for l:=range miss {libs=append(libs,l)}; sort.Slice(libs,func(a,b int)bool{return len(miss[libs[a]])>len(miss[libs[b]])})
  for i,l:=range libs { if i<6 {fmt.Println("   ",l,len(miss[l]),miss[l][:min(3,len(miss[l]))])}}
 }
}
