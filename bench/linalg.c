/* Cholesky factor and triangular solve of 200 x 200 matrices by the plain loops, for bench/linalg.bench.ts: least of many, in microseconds. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define N 200

static double a[N * N], b[N * N], l[N * N], x[N * N];

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return 1e6 * t.tv_sec + 1e-3 * t.tv_nsec;
}

static void cholesky(void) {
  memset(l, 0, sizeof l);
  for (int j = 0; j < N; j++)
    for (int i = j; i < N; i++) {
      double sum = (a[i * N + j] + a[j * N + i]) / 2;
      for (int k = 0; k < j; k++) sum -= l[i * N + k] * l[j * N + k];
      l[i * N + j] = i == j ? sqrt(sum) : sum / l[j * N + j];
    }
}

static void solve(void) {
  for (int i = 0; i < N; i++)
    for (int c = 0; c < N; c++) {
      double sum = b[i * N + c];
      for (int k = 0; k < i; k++) sum -= l[i * N + k] * x[k * N + c];
      x[i * N + c] = sum / l[i * N + i];
    }
}

static void report(const char *name, void (*f)(void)) {
  double best = 1e30;
  for (int r = 0; r < 60; r++) {
    double start = now();
    f();
    double took = now() - start;
    if (took < best) best = took;
  }
  printf("%s %.3f %.17g\n", name, best, x[N * N - 1] + l[N * N - 1]);
}

int main(void) {
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++) {
      a[i * N + j] = i == j ? N : 1.0 / (1 + (i > j ? i - j : j - i));
      b[i * N + j] = sin(i * 7 + j);
    }
  report("cholesky", cholesky);
  report("solve", solve);
  return 0;
}
