/** The templates of what moves numbers by index: gather, scatter-add, one-hot, tiling and padding. */
import { gatherOf } from '../../../core/kernels/gather.ts';
import { add, and, ge, lt, type Expr } from '../../../core/loop/expression.ts';
import { makeVariable, plus, readAt, repeat, setTo, times, truncated, valueOf, when, writeAt } from '../../../core/loop/procedure.ts';
import { sizeOf, stridesOf } from '../../../core/shape.ts';
import { fill, nest, withIndex, type ProcedureRule } from './loops.ts';

const isWithin = (index: Expr, extent: number): Expr => and(ge(index, 0), lt(index, extent));

const gather: ProcedureRule = ({ inputs: [x, indices], attrs }, { inputs: [from, at], output }) => {
  const { axis, batch } = gatherOf(x!.shape, indices!.shape, attrs);
  const extent = x!.shape[axis]!;
  const inner = sizeOf(x!.shape.slice(axis + 1));
  const batches = sizeOf(x!.shape.slice(0, batch));
  const outer = sizeOf(x!.shape.slice(batch, axis));
  const count = sizeOf(indices!.shape.slice(batch));
  const index = makeVariable('index');
  return [
    repeat('b', 0, batches, (b) => [
      repeat('o', 0, outer, (o) => {
        const row = plus(times(b, outer), o);
        return [
          repeat('k', 0, count, (k) => {
            const to = times(plus(times(row, count), k), inner);
            return [
              setTo(index, readAt(at!, plus(times(b, count), k))),
              when(
                isWithin(valueOf(index), extent),
                [
                  withIndex('picked', valueOf(index), (picked) => {
                    const first = times(plus(times(row, extent), picked), inner);
                    return [repeat('i', 0, inner, (i) => [writeAt(output, plus(to, i), readAt(from!, plus(first, i)))])];
                  }),
                ],
                [repeat('i', 0, inner, (i) => [writeAt(output, plus(to, i), NaN)])],
              ),
            ];
          }),
        ];
      }),
    ]),
  ];
};

const segmentSum: ProcedureRule = ({ inputs: [x, ids], output: sums, attrs }, { inputs: [from, at], output }) => {
  const inner = sizeOf(x!.shape.slice(1));
  const segment = makeVariable('segment');
  return [
    fill(output, sums, 0),
    repeat('k', 0, sizeOf(ids!.shape), (k) => [
      setTo(segment, readAt(at!, k)),
      when(isWithin(valueOf(segment), attrs['numSegments'] as number), [
        withIndex('row', valueOf(segment), (row) => [
          repeat('i', 0, inner, (i) => {
            const to = plus(times(row, inner), i);
            return [writeAt(output, to, add(readAt(output, to), readAt(from!, plus(times(k, inner), i))))];
          }),
        ]),
      ]),
    ]),
  ];
};

const oneHot: ProcedureRule = ({ inputs: [indices], output: hot, attrs }, { inputs: [at], output }) => {
  const depth = attrs['depth'] as number;
  const index = makeVariable('index');
  return [
    fill(output, hot, attrs['offValue'] as number),
    repeat('i', 0, sizeOf(indices!.shape), (i) => [
      setTo(index, readAt(at!, i)),
      when(isWithin(valueOf(index), depth), [writeAt(output, plus(times(i, depth), truncated(valueOf(index))), attrs['onValue'] as number)]),
    ]),
  ];
};

const tile: ProcedureRule = ({ inputs: [x], output: { shape }, attrs }, { inputs: [from], output }) => {
  const reps = attrs['reps'] as readonly number[];
  const [own, out] = [stridesOf(x!.shape), stridesOf(shape)];
  return nest(
    x!.shape.flatMap((extent, i) => [reps[i]!, extent]),
    [own.flatMap((stride) => [0, stride]), out.flatMap((stride, i) => [stride * x!.shape[i]!, stride])],
    ([at, to]) => [writeAt(output, to!, readAt(from!, at!))],
  );
};

const pad: ProcedureRule = ({ inputs: [x], output: padded, attrs }, { inputs: [from], output }) => {
  const strides = stridesOf(padded.shape);
  const first = (attrs['paddings'] as readonly (readonly [number, number])[]).reduce((sum, [before], i) => sum + before * strides[i]!, 0);
  return [
    fill(output, padded, attrs['constantValue'] as number),
    ...nest(x!.shape, [stridesOf(x!.shape), strides], ([at, to]) => [writeAt(output, plus(to!, first), readAt(from!, at!))]),
  ];
};

export const gatherRules: Readonly<Record<string, ProcedureRule>> = {
  GatherV2: gather,
  UnsortedSegmentSum: segmentSum,
  OneHot: oneHot,
  Tile: tile,
  PadV2: pad,
};
