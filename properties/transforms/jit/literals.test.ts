/** Constants that compiled code loads: each at a place of its own, and the same bits after a copy to another thread. */
import assert from 'node:assert/strict';
import { makeNDArray } from '../../../core/ndarray.ts';
import * as ops from '../../../core/ops/index.ts';
import { compileGraph, instantiate } from '../../../transforms/jit/compile.ts';
import { makeLiterals } from '../../../transforms/jit/literals.ts';
import { laws } from '../../laws.ts';
import { recordAt } from '../../laws/recorded.ts';

laws('literals', {
  'one place for each, whatever else takes memory between them; the bits are kept, of what is no number too': () => {
    let end = 160;
    const literals = makeLiterals((bytes) => (end += bytes) - bytes);
    const bits = Array.from({ length: 150 }, (_, i) => 0x7ff0_0000_0000_0001n + BigInt(i));
    const places = bits.map((each, i) => {
      if (i % 50 === 0) end += 24;
      return literals.placeOf(each);
    });
    assert.equal(new Set(places).size, bits.length);
    assert.deepEqual(bits.map(literals.placeOf), places);
    const found = new Map(
      structuredClone(literals.runs()).flatMap(({ offset, data }) => [...new BigUint64Array(data.buffer)].map((each, i) => [offset + 8 * i, each] as const)),
    );
    bits.forEach((each, i) => assert.equal(found.get(places[i]!), each));
    assert.ok([...found.keys()].every((place) => place >= 160 && place + 8 <= end));
  },
  'a scalar function loads its constants from memory, which a fresh instance has': () => {
    const compiled = compileGraph(recordAt((x) => [ops.log(ops.exp(x))], [makeNDArray(Float64Array.of(0), [])]).graph);
    assert.ok(compiled.constants.some(({ data }) => data.includes(Math.LOG2E)));
    const { inputs, run, output } = instantiate(structuredClone(compiled));
    inputs[0]!([1.5]);
    run();
    assert.ok(Math.abs(output(0).item() - 1.5) < 1e-15);
  },
});
