/** A program that fits eight schools once and prints a summary: timed as a process, and from within. */
import { MCMC, NUTS, printSummary, random, ready } from 'kindling';
import { leapfrogs, schools, schoolsData } from './schools.ts';

await ready();
const begun = performance.now();
const posterior = await MCMC(NUTS(schools), { numWarmup: 1000, numSamples: 1000, numChains: 4 }).run(random.PRNGKey(0), schoolsData);
const milliseconds = performance.now() - begun;
printSummary(posterior);
console.log(JSON.stringify({ milliseconds, leapfrogs: leapfrogs(posterior) }));
