/** One transition of NUTS: the tree that the module of a step has with it. */
import type { Dynamics } from './dynamics.ts';
import { TREE, TREE_INFO } from './stepPorts.ts';
import type { Transition } from './transition.ts';

/** Makes the transition of NUTS on a module that was compiled with a tree. */
export const makeNUTS = ({ current, own, tree }: Dynamics): Transition => {
  const at = (name: keyof typeof TREE): Float64Array => own[TREE[name]]!;
  const [stepSize, maxDepth, told] = [at('stepSize'), at('maxDepth'), at('info')];
  const info = { acceptProb: 0, numSteps: 0, treeDepth: 0, isDiverging: false };
  return {
    current,
    run: (size, depth) => {
      stepSize[0] = size;
      maxDepth[0] = depth;
      tree!();
      info.acceptProb = told[TREE_INFO.acceptProb]!;
      info.numSteps = told[TREE_INFO.numSteps]!;
      info.treeDepth = told[TREE_INFO.treeDepth]!;
      info.isDiverging = told[TREE_INFO.isDiverging] !== 0;
      return info;
    },
  };
};
