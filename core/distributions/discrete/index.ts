/** The distributions of counts and classes. */
export { Bernoulli, BernoulliLogits, BernoulliProbs } from './bernoulli.ts';
export { BetaBinomial } from './betaBinomial.ts';
export { BetaNegativeBinomial } from './betaNegativeBinomial.ts';
export { Binomial, BinomialLogits, BinomialProbs } from './binomial.ts';
export { Categorical, CategoricalLogits, CategoricalProbs } from './categorical.ts';
export { DirichletMultinomial } from './dirichletMultinomial.ts';
export { DiscreteUniform } from './discreteUniform.ts';
export { Geometric, GeometricLogits, GeometricProbs } from './geometric.ts';
export { HurdleDistribution, HurdleGamma, HurdleLogits, HurdleLogNormal, HurdleNegativeBinomial2, HurdlePoisson, HurdleProbs } from './hurdle.ts';
export { Multinomial, MultinomialLogits, MultinomialProbs } from './multinomial.ts';
export { GammaPoisson, NegativeBinomial, NegativeBinomial2, NegativeBinomialLogits, NegativeBinomialProbs } from './negativeBinomial.ts';
export { OneHotCategorical, OneHotCategoricalStraightThrough } from './oneHotCategorical.ts';
export { OrderedLogistic } from './orderedLogistic.ts';
export { Poisson } from './poisson.ts';
export { RelaxedOneHotCategorical } from './relaxedOneHotCategorical.ts';
export { ZeroInflatedDistribution, ZeroInflatedLogits, ZeroInflatedNegativeBinomial2, ZeroInflatedPoisson, ZeroInflatedProbs } from './zeroInflated.ts';
