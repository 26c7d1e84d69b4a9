/** The fit: stochastic variational inference with a mean-field normal guide, and draws of it. */
import { adam, array, AutoDiagonalNormal, SVI, TraceELBO, type Key, type NDArray, type ProgressInfo } from 'kindling';
import type { RegressionData } from './data.ts';
import { drawsOf, type Draws } from './draws.ts';
import { regression } from './model.ts';

/** How the loss is estimated, and how steps follow from it. */
export interface Method {
  readonly particles: number;
  /** Adam's learning rate. */
  readonly rate: number;
}

export interface FitOptions {
  readonly steps: number;
  readonly progress?: ((info: ProgressInfo) => void) | undefined;
}

export interface Fit {
  /** Constrained, by name. */
  readonly params: Readonly<Record<string, NDArray>>;
  /** −ELBO of each step. */
  readonly losses: Float64Array;
  /** Draws of the fitted guide. */
  readonly draw: (key: Key, numDraws: number) => Draws;
}

/** The share of the steps, at the end, over which the parameters are averaged; and how many steps lie between two that count. */
const TAIL_SHARE = 1 / 6;
const STRIDE = 25;

type Params = Fit['params'];

const meanOf = (all: readonly Params[]): Params =>
  Object.fromEntries(
    Object.entries(all[0]!).map(([name, { data, shape }]) => [
      name,
      array(
        data.map((_, i) => all.reduce((sum, one) => sum + one[name]!.data[i]!, 0) / all.length),
        shape,
      ),
    ]),
  );

const joined = (parts: readonly Float64Array[]): Float64Array => {
  const all = new Float64Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
};

/**
 * Gives a function that fits the regression to data, from a key, as often as is asked for: the step is compiled once. It rejects with NonFinite
 * where the loss runs away.
 *
 * With a rate that stays, the parameters do not settle but keep wandering about the optimum, at 1e-2 by half a posterior sd. So what is
 * reported is their average over the last sixth of the steps: Polyak and Juditsky (1992); for SVI, Dhaka et al. (2020), section 4.
 */
export const fitter = ({ x, y }: RegressionData, { particles, rate }: Method): ((key: Key, options: FitOptions) => Promise<Fit>) => {
  const model = regression(x.shape[1]!);
  const svi = SVI(model, AutoDiagonalNormal(model), adam(rate), TraceELBO({ numParticles: particles }));
  return async (key, { steps, progress }) => {
    const tail = STRIDE * Math.floor((steps * TAIL_SHARE) / STRIDE);
    const tell = (before: number): ((info: ProgressInfo) => void) | undefined =>
      progress && ((info) => progress({ ...info, step: before + info.step, numSteps: steps }));
    let last = await svi.run(key, steps - tail, [x, y], { progress: tell(0) });
    const losses = [last.losses];
    const seen = [last.params];
    for (let done = steps - tail; done < steps; done += STRIDE) {
      const isLast = done + STRIDE === steps;
      last = await svi.run(key, STRIDE, [x, y], { initState: last.state, progress: isLast ? tell(done) : undefined });
      losses.push(last.losses);
      seen.push(last.params);
    }
    const params = meanOf(tail === 0 ? seen : seen.slice(1));
    const { guide } = last;
    return { params, losses: joined(losses), draw: (drawKey, numDraws) => drawsOf(guide.samplePosterior(drawKey, params, { sampleShape: [numDraws] })) };
  };
};
