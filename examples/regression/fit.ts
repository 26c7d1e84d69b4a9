/** The fit: stochastic variational inference with a mean-field normal guide, and draws of it. */
import { adam, AutoDiagonalNormal, SVI, TraceELBO, type Key, type NDArray } from '../../infer/kindling.ts';
import type { ProgressInfo } from '../../infer/progress.ts';
import type { RegressionData } from './data.ts';
import { drawsOf, type Draws } from './draws.ts';
import { regression } from './model.ts';

export interface FitOptions {
  readonly steps: number;
  readonly particles: number;
  /** Adam's learning rate. */
  readonly rate: number;
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

/** Fits the regression to data; rejects with NonFinite where the loss runs away. */
export const fit = async (key: Key, { x, y }: RegressionData, { steps, particles, rate, progress }: FitOptions): Promise<Fit> => {
  const model = regression(x.shape[1]!);
  const svi = SVI(model, AutoDiagonalNormal(model), adam(rate), TraceELBO({ numParticles: particles }));
  const { params, losses, guide } = await svi.run(key, steps, [x, y], { progress });
  return { params, losses, draw: (drawKey, numDraws) => drawsOf(guide.samplePosterior(drawKey, params, { sampleShape: [numDraws] })) };
};
