// The yardstick of circuits on patch vectors; tile_ratio.py builds and runs it: tile THREADS ROWS [QUBITS [LAYERS]]. Needs AVX-512 and OpenBLAS (libopenblas-dev).
// Our workload prototype: M = B*T real patch vectors of dimension d=2^n, float32, RY + CNOT-ring ansatz, L layers.
// Options measured: (A) circuit on SoA tiles of 16 rows held in L1/L2, CNOT ring = free index relabelling, radix-8 RY blocks, forward and adjoint (2 states)
//                   (B) materialise U and sgemm (OpenBLAS)   (C) gate-outermost over the whole batch, one RY per pass (big-register style)
#include "common.hpp"
#include <immintrin.h>
#include <cblas.h>
#include <omp.h>
extern "C" void openblas_set_num_threads(int);
typedef __m512 V;
struct Plan { int n,d,L; std::vector<int> perm0; // phys row of logical index before layer l : rows[l][logical]
  std::vector<std::vector<int>> rows; std::vector<int> outrow; };
static Plan plan(int n,int L){ Plan P; P.n=n;P.d=1<<n;P.L=L; std::vector<int> cur(P.d); for(int i=0;i<P.d;i++)cur[i]=i; for(int l=0;l<L;l++){ P.rows.push_back(cur); for(int q=0;q<n;q++){ int t=(q+1)%n; std::vector<int> nx(cur); for(int i=0;i<P.d;i++) if((i>>q)&1) nx[i]=cur[i^(1<<t)]; cur=nx; } } P.outrow=cur; return P; }
// 16x16 transpose
static inline void tr16(V*r){ V t[16]; for(int i=0;i<16;i+=2){t[i]=_mm512_unpacklo_ps(r[i],r[i+1]);t[i+1]=_mm512_unpackhi_ps(r[i],r[i+1]);} 
 for(int i=0;i<16;i+=4){ r[i]=_mm512_castpd_ps(_mm512_unpacklo_pd(_mm512_castps_pd(t[i]),_mm512_castps_pd(t[i+2]))); r[i+1]=_mm512_castpd_ps(_mm512_unpackhi_pd(_mm512_castps_pd(t[i]),_mm512_castps_pd(t[i+2]))); r[i+2]=_mm512_castpd_ps(_mm512_unpacklo_pd(_mm512_castps_pd(t[i+1]),_mm512_castps_pd(t[i+3]))); r[i+3]=_mm512_castpd_ps(_mm512_unpackhi_pd(_mm512_castps_pd(t[i+1]),_mm512_castps_pd(t[i+3]))); }
 for(int i=0;i<4;i++){ t[i]=_mm512_shuffle_f32x4(r[i],r[i+4],0x88); t[i+4]=_mm512_shuffle_f32x4(r[i],r[i+4],0xdd); t[i+8]=_mm512_shuffle_f32x4(r[i+8],r[i+12],0x88); t[i+12]=_mm512_shuffle_f32x4(r[i+8],r[i+12],0xdd);} 
 for(int i=0;i<4;i++){ r[i]=_mm512_shuffle_f32x4(t[i],t[i+8],0x88); r[i+8]=_mm512_shuffle_f32x4(t[i],t[i+8],0xdd); r[i+4]=_mm512_shuffle_f32x4(t[i+4],t[i+12],0x88); r[i+12]=_mm512_shuffle_f32x4(t[i+4],t[i+12],0xdd);} }
template<int K,bool ADJ> static inline void ryblock(float*tile,const int*rows,int d,int q0,const float*cs,const float*sn){ // K qubits q0..q0+K-1
 int lowm=(1<<q0)-1; for(int b=0;b<(d>>K);b++){ int base=(b&lowm)|((b&~lowm)<<K); V v[1<<K]; int rr[1<<K]; 
  #pragma GCC unroll 8
  for(int k=0;k<(1<<K);k++){ rr[k]=rows[base|(k<<q0)]; v[k]=_mm512_load_ps(tile+16*rr[k]); }
  #pragma GCC unroll 3
  for(int j=0;j<K;j++){ V c=_mm512_set1_ps(cs[q0+j]),s=_mm512_set1_ps(ADJ?-sn[q0+j]:sn[q0+j]);
   #pragma GCC unroll 8
   for(int k=0;k<(1<<K);k++) if(!(k&(1<<j))){ V a=v[k],bb=v[k|(1<<j)]; v[k]=_mm512_fmsub_ps(c,a,_mm512_mul_ps(s,bb)); v[k|(1<<j)]=_mm512_fmadd_ps(c,bb,_mm512_mul_ps(s,a)); } }
  #pragma GCC unroll 8
  for(int k=0;k<(1<<K);k++) _mm512_store_ps(tile+16*rr[k],v[k]); } }
template<int K> static inline void ryblockbwd(float*tile,float*lam,const int*rows,int d,int q0,const float*cs,const float*sn,V*g){ int lowm=(1<<q0)-1; V acc[K]; for(int j=0;j<K;j++)acc[j]=_mm512_setzero_ps();
 for(int b=0;b<(d>>K);b++){ int base=(b&lowm)|((b&~lowm)<<K); V v[1<<K],w[1<<K]; int rr[1<<K]; 
  #pragma GCC unroll 8
  for(int k=0;k<(1<<K);k++){ rr[k]=rows[base|(k<<q0)]; v[k]=_mm512_load_ps(tile+16*rr[k]); w[k]=_mm512_load_ps(lam+16*rr[k]); }
  #pragma GCC unroll 3
  for(int j=0;j<K;j++){ V c=_mm512_set1_ps(cs[q0+j]),s=_mm512_set1_ps(-sn[q0+j]);
   #pragma GCC unroll 8
   for(int k=0;k<(1<<K);k++) if(!(k&(1<<j))){ int m=k|(1<<j); V a=v[k],bb=v[m],x=w[k],y=w[m]; acc[j]=_mm512_fmadd_ps(y,a,acc[j]); acc[j]=_mm512_fnmadd_ps(x,bb,acc[j]);
     v[k]=_mm512_fmsub_ps(c,a,_mm512_mul_ps(s,bb)); v[m]=_mm512_fmadd_ps(c,bb,_mm512_mul_ps(s,a)); w[k]=_mm512_fmsub_ps(c,x,_mm512_mul_ps(s,y)); w[m]=_mm512_fmadd_ps(c,y,_mm512_mul_ps(s,x)); } }
  #pragma GCC unroll 8
  for(int k=0;k<(1<<K);k++){ _mm512_store_ps(tile+16*rr[k],v[k]); _mm512_store_ps(lam+16*rr[k],w[k]); } } for(int j=0;j<K;j++) g[q0+j]=_mm512_add_ps(g[q0+j],acc[j]); }
static inline void load_tile(const float*x,int d,float*tile,const int*map){ for(int j=0;j<d;j+=16){ V r[16]; for(int i=0;i<16;i++) r[i]=_mm512_loadu_ps(x+(size_t)i*d+j); tr16(r); for(int i=0;i<16;i++) _mm512_store_ps(tile+16*(map?map[j+i]:j+i),r[i]); } }
static inline void store_tile(float*y,int d,const float*tile,const int*map){ for(int j=0;j<d;j+=16){ V r[16]; for(int i=0;i<16;i++) r[i]=_mm512_load_ps(tile+16*(map?map[j+i]:j+i)); tr16(r); for(int i=0;i<16;i++) _mm512_storeu_ps(y+(size_t)i*d+j,r[i]); } }
static void layer(float*t,const int*rows,int n,const float*c,const float*s){ int q=0,d=1<<n; for(;q+3<=n;q+=3) ryblock<3,false>(t,rows,d,q,c,s); if(n-q==2) ryblock<2,false>(t,rows,d,q,c,s); else if(n-q==1) ryblock<1,false>(t,rows,d,q,c,s);} 
static void layerbwd(float*t,float*l,const int*rows,int n,const float*c,const float*s,V*g){ int q=0,d=1<<n; for(;q+2<=n;q+=2) ryblockbwd<2>(t,l,rows,d,q,c,s,g); if(q<n) ryblockbwd<1>(t,l,rows,d,q,c,s,g);} 
static void fwd(const Plan&P,const float*X,float*Y,size_t M,const float*c,const float*s){ 
 #pragma omp parallel
 { alignas(64) static thread_local float tile[256*16]; 
 #pragma omp for schedule(static)
 for(size_t m=0;m<M;m+=16){ load_tile(X+m*P.d,P.d,tile,nullptr); for(int l=0;l<P.L;l++) layer(tile,P.rows[l].data(),P.n,c+l*P.n,s+l*P.n); store_tile(Y+m*P.d,P.d,tile,P.outrow.data()); } } }
// backward: Y (forward outputs), dY -> dtheta, dX (input gradient, free)
static void bwd(const Plan&P,const float*Y,const float*dY,float*dX,float*dth,size_t M,const float*c,const float*s){ int np=P.n*P.L; std::fill(dth,dth+np,0.f);
 #pragma omp parallel
 { alignas(64) static thread_local float tile[256*16],lam[256*16]; V g[64]; for(int i=0;i<np;i++) g[i]=_mm512_setzero_ps();
 #pragma omp for schedule(static)
 for(size_t m=0;m<M;m+=16){ load_tile(Y+m*P.d,P.d,tile,P.outrow.data()); load_tile(dY+m*P.d,P.d,lam,P.outrow.data()); for(int l=P.L-1;l>=0;l--) layerbwd(tile,lam,P.rows[l].data(),P.n,c+l*P.n,s+l*P.n,g+l*P.n); if(dX) store_tile(dX+m*P.d,P.d,lam,nullptr); }
 #pragma omp critical
 for(int i=0;i<np;i++) dth[i]+=0.5f*_mm512_reduce_add_ps(g[i]); } }
// (A') same, but the data already live in tile layout [M/16][d][16] (no transposes)
static void fwdN(const Plan&P,const float*X,float*Y,size_t M,const float*c,const float*s){ 
 #pragma omp parallel
 { alignas(64) static thread_local float tile[256*16]; 
 #pragma omp for schedule(static)
 for(size_t m=0;m<M;m+=16){ const float*x=X+m*P.d; float*y=Y+m*P.d; for(int j=0;j<P.d;j++) _mm512_store_ps(tile+16*j,_mm512_load_ps(x+16*j)); for(int l=0;l<P.L;l++) layer(tile,P.rows[l].data(),P.n,c+l*P.n,s+l*P.n); for(int j=0;j<P.d;j++) _mm512_store_ps(y+16*j,_mm512_load_ps(tile+16*P.outrow[j])); } } }
static void bwdN(const Plan&P,const float*Y,const float*dY,float*dX,float*dth,size_t M,const float*c,const float*s){ int np=P.n*P.L; std::fill(dth,dth+np,0.f);
 #pragma omp parallel
 { alignas(64) static thread_local float tile[256*16],lam[256*16]; V g[64]; for(int i=0;i<np;i++) g[i]=_mm512_setzero_ps();
 #pragma omp for schedule(static)
 for(size_t m=0;m<M;m+=16){ const float*y=Y+m*P.d,*dy=dY+m*P.d; float*dx=dX+m*P.d; for(int j=0;j<P.d;j++){ _mm512_store_ps(tile+16*P.outrow[j],_mm512_load_ps(y+16*j)); _mm512_store_ps(lam+16*P.outrow[j],_mm512_load_ps(dy+16*j)); } for(int l=P.L-1;l>=0;l--) layerbwd(tile,lam,P.rows[l].data(),P.n,c+l*P.n,s+l*P.n,g+l*P.n); for(int j=0;j<P.d;j++) _mm512_store_ps(dx+16*j,_mm512_load_ps(lam+16*j)); }
 #pragma omp critical
 for(int i=0;i<np;i++) dth[i]+=0.5f*_mm512_reduce_add_ps(g[i]); } }
// (C) gates outermost, whole batch, plain layout [M][d]: one RY per pass; CNOT as real data movement
static void fwdC(int n,int L,float*Y,size_t M,const float*c,const float*s){ size_t tot=M<<n; for(int l=0;l<L;l++){ for(int q=0;q<n;q++){ size_t st=size_t(1)<<q; float cc=c[l*n+q],ss=s[l*n+q];
   #pragma omp parallel for schedule(static)
   for(size_t b=0;b<tot;b+=4096) for(size_t o=b;o<b+4096;o+=2*st){ 
    #pragma GCC ivdep
    for(size_t k=o;k<o+st;k++){ float a=Y[k],bb=Y[k+st]; Y[k]=cc*a-ss*bb; Y[k+st]=cc*bb+ss*a; } } }
  for(int q=0;q<n;q++){ int t=(q+1)%n; 
   #pragma omp parallel for schedule(static)
   for(size_t b=0;b<tot;b+=size_t(1)<<n) for(int i=0;i<(1<<n);i++) if(((i>>q)&1)&&!((i>>t)&1)) std::swap(Y[b+i],Y[b+(i|(1<<t))]); } } }
int main(int argc,char**argv){ int thr=atoi(argv[1]); omp_set_num_threads(thr); openblas_set_num_threads(thr); size_t M=argc>2?atol(argv[2]):4096;
 int n1=argc>3?atoi(argv[3]):0,L1=argc>4?atoi(argv[4]):0; for(int n:{4,5,6,7,8}) for(int L:{1,2,4}){ if((n1&&n!=n1)||(L1&&L!=L1)) continue; int d=1<<n; Plan P=plan(n,L); Rng r(n*10+L); std::vector<float> th(n*L),c(n*L),s(n*L); for(int i=0;i<n*L;i++){ th[i]=M_PI*r.pm(); c[i]=cos(th[i]/2); s[i]=sin(th[i]/2);} 
  float*X=(float*)aligned_alloc(64,M*d*4),*Y=(float*)aligned_alloc(64,M*d*4),*Y2=(float*)aligned_alloc(64,M*d*4),*dY=(float*)aligned_alloc(64,M*d*4),*dX=(float*)aligned_alloc(64,M*d*4); for(size_t i=0;i<M*d;i++){X[i]=r.pm();dY[i]=r.pm();Y[i]=0;Y2[i]=0;dX[i]=0;}
  std::vector<float> dth(n*L);
  T tf=timeit([&]{fwd(P,X,Y,M,c.data(),s.data());},0.4); T tfn=timeit([&]{fwdN(P,X,Y2,M,c.data(),s.data());},0.4); std::vector<float> dthn(n*L); T tbn=timeit([&]{bwdN(P,Y2,dY,dX,dthn.data(),M,c.data(),s.data());},0.4); double l2=0,r2=0; for(size_t i=0;i<M*d;i++){l2+=(double)dX[i]*X[i]; r2+=(double)dY[i]*Y2[i];} T tb=timeit([&]{bwd(P,Y,dY,dX,dth.data(),M,c.data(),s.data());},0.4);
  // correctness: dtheta by finite differences of sum(Y*dY) on first 64 rows ; input gradient <dX,X>==<dY,Y>
  double lhs=0,rhs=0; for(size_t i=0;i<M*d;i++){lhs+=(double)dX[i]*X[i]; rhs+=(double)dY[i]*Y[i];}
  auto loss=[&](int k,float e){ auto c2=c,s2=s; c2[k]=cos((th[k]+e)/2); s2[k]=sin((th[k]+e)/2); fwd(P,X,Y2,M,c2.data(),s2.data()); double z=0; for(size_t i=0;i<M*d;i++) z+=(double)Y2[i]*dY[i]; return z; }; double maxerr=0; for(int k:{0,n*L-1,n*L/2}){ double fd=(loss(k,1e-2f)-loss(k,-1e-2f))/2e-2; maxerr=std::max(maxerr,fabs(fd-dth[k])/(1+fabs(fd))); }
  // B: materialise U (rows = U^T applied to identity) and GEMM:  Y = X U^T
  std::vector<float> I(std::max(d,16)*(size_t)d,0),U(std::max(d,16)*(size_t)d); for(int i=0;i<d;i++) I[i*d+i]=1; T tu=timeit([&]{fwd(P,I.data(),U.data(),std::max(d,16),c.data(),s.data());},0.2);
  T tg=timeit([&]{ cblas_sgemm(CblasRowMajor,CblasNoTrans,CblasNoTrans,M,d,d,1,X,d,U.data(),d,0,Y2,d); },0.4); double diff=0; for(size_t i=0;i<M*d;i++) diff=std::max(diff,(double)fabs(Y2[i]-Y[i]));
  std::vector<float> dU(d*d),dI(d*d); T tg2=timeit([&]{ cblas_sgemm(CblasRowMajor,CblasTrans,CblasNoTrans,d,d,M,1,X,d,dY,d,0,dU.data(),d); cblas_sgemm(CblasRowMajor,CblasNoTrans,CblasTrans,M,d,d,1,dY,d,U.data(),d,0,dX,d); },0.4); std::vector<float> dth2(n*L); T tub=timeit([&]{bwd(P,U.data(),dU.data(),nullptr,dth2.data(),d,c.data(),s.data());},0.2); double ge=0; for(int i=0;i<n*L;i++) ge=std::max(ge,(double)fabs(dth2[i]-dth[i])/(1+fabs(dth[i])));
  T tc; tc.med=0; if(L==2){ memcpy(Y2,X,M*d*4); tc=timeit([&]{fwdC(n,L,Y2,M,c.data(),s.data());},0.3); }
  double gf=2.0*M*d*d/1e9, fl=6.0*M*(d/2)*n*L/1e9;
  printf("batch thr=%d M=%zu d=%d L=%d | A tile: fwd_us=%.1f (%.1f GF/s, %.1f ns/vec) bwd_us=%.1f (%.1f ns/vec) | A' native: fwd_us=%.1f (%.1f GF/s, %.1f ns/vec) bwd_us=%.1f (%.1f GF/s, %.1f ns/vec) adj_err=%.1e | B gemm: buildU_us=%.2f fwd_us=%.1f (%.1f GF/s, %.1f ns/vec) bwd_us=%.1f (%.1f GF/s) Ubwd_us=%.2f | C gate-outer fwd_us=%.1f | err: dX %.1e fd %.1e gemm-vs-tile %.1e grad %.1e | busy %.2f\n",thr,M,d,L,tf.med*1e6,fl/tf.med,tf.med/M*1e9,tb.med*1e6,tb.med/M*1e9,tfn.med*1e6,fl/tfn.med,tfn.med/M*1e9,tbn.med*1e6,fl*8/3/tbn.med,tbn.med/M*1e9,fabs(l2-r2)/fabs(r2),tu.med*1e6,tg.med*1e6,gf/tg.med,tg.med/M*1e9,tg2.med*1e6,2*gf/tg2.med,tub.med*1e6,tc.med*1e6,fabs(lhs-rhs)/fabs(rhs),maxerr,diff,ge,tf.busy); fflush(stdout); free(X);free(Y);free(Y2);free(dY);free(dX);} }
