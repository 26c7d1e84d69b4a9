/** Bijectors: smooth one-to-one maps, by NumPyro's names where it has one. */
export { compose, independentBijector as independent, inverseOf, makeBijector, type Bijector } from './bijector.ts';
export { affine, expBijector as exp, identity, power, sigmoidBijector as sigmoid, softplusBijector as softplus } from './elementwise.ts';
export { choleskyProduct, lowerCholeskyAffine, lowerCholeskyBijector as lowerCholesky, stickBreaking } from './vector.ts';
