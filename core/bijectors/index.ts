/** Bijectors: smooth one-to-one maps, by NumPyro's names where it has one. */
export { makeBijector, type Bijector } from './bijector.ts';
export { compose, independentBijector as independent, inverseOf } from './combinators.ts';
export {
  absBijector as abs,
  affine,
  expBijector as exp,
  identity,
  power,
  sigmoidBijector as sigmoid,
  softplusBijector as softplus,
  tanhBijector as tanh,
} from './elementwise.ts';
export { permute, reshape } from './layout.ts';
export { l1Ball, stickBreaking } from './simplex.ts';
export { ordered, simplexToOrdered } from './ordered.ts';
export { cholesky, choleskyProduct, corrMatrixCholesky, lowerCholesky, scaledUnitLowerCholesky, softplusLowerCholesky } from './lowerCholesky.ts';
export { corrCholesky } from './corrCholesky.ts';
export { lowerCholeskyAffine, recursiveLinear, zeroSum } from './linear.ts';
export { discreteCosine, haar } from './orthonormal.ts';
export { affineCoupling, inverseAutoregressive, type AutoregressiveOptions, type Conditioner } from './flows.ts';
export { autoregressiveNN, type AutoregressiveNN, type AutoregressiveNNOptions, type NetworkParams } from './autoregressiveNN.ts';
