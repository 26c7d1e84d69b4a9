/** The distributions of vectors and matrices. */
export { CAR } from './car.ts';
export { CirculantNormal } from './circulantNormal.ts';
export { Dirichlet } from './dirichlet.ts';
export { EulerMaruyama } from './eulerMaruyama.ts';
export { GaussianCopula, GaussianCopulaBeta } from './gaussianCopula.ts';
export { GaussianRandomWalk } from './gaussianRandomWalk.ts';
export { GaussianStateSpace } from './gaussianStateSpace.ts';
export { InverseWishart, InverseWishartCholesky } from './inverseWishart.ts';
export { LKJ, LKJCholesky } from './lkj.ts';
export { LowRankMultivariateNormal } from './lowRankMultivariateNormal.ts';
export { MatrixNormal } from './matrixNormal.ts';
export { MultivariateNormal } from './multivariateNormal.ts';
export { MultivariateStudentT } from './multivariateStudentT.ts';
export { ProjectedNormal } from './projectedNormal.ts';
export { SineBivariateVonMises } from './sineBivariateVonMises.ts';
export { SineSkewed } from './sineSkewed.ts';
export { Wishart, WishartCholesky } from './wishart.ts';
export { ZeroSumNormal } from './zeroSumNormal.ts';
