/** What recording makes of tfjs's kernels that are not in our table: those put together of ours, those that make constants, and the rest. */
import * as tf from '#tfjs';
import { kindlingError } from '../../core/errors.ts';
import { composites, type Composite } from '../../core/kernels/composite.ts';
import { kernels } from '../../core/kernels/kernel.ts';
import { makeNDArray, type NDArray } from '../../core/ndarray.ts';
import * as ops from '../../core/ops/index.ts';
import { sizeOf, type Shape } from '../../core/shape.ts';
import { dtypeFromTfjs, ndarrayDType, toTensor, type DType } from '../../core/value.ts';

/** How the recording takes part: another handle of a value, and a handle of a constant. */
export interface Handles {
  readonly sameValue: (info: tf.TensorInfo) => tf.TensorInfo;
  readonly constant: (value: NDArray) => tf.TensorInfo;
  /** Told of every kernel that is called. */
  readonly applied: (kernel: string) => void;
}

/** The kernels of which tfjs expects a list, be it of one. */
const SEVERAL: ReadonlySet<string> = new Set(['Unpack', 'SplitV', 'TopK']);

const ofComposite =
  ({ name, inputs: names, expand }: Composite, { sameValue }: Handles): tf.KernelFunc =>
  ({ inputs, attrs }) => {
    const infos = names === 'list' ? (Object.values(inputs) as tf.TensorInfo[]) : names.map((name) => inputs[name]!);
    const values = infos.map((info) => {
      const { dataId, shape, dtype } = sameValue(info);
      return tf.engine().makeTensorFromDataId(dataId, shape, dtype);
    });
    const outputs = expand(ops, values, attrs ?? {}).map((x) => sameValue(toTensor(x)));
    return SEVERAL.has(name) ? outputs : outputs[0]!;
  };

type Make = (attrs: Readonly<Record<string, unknown>>) => readonly [data: Float64Array, shape: Shape, dtype: DType];

const sequence = (count: number, at: (i: number) => number): Float64Array => Float64Array.from({ length: count }, (_, i) => at(i));

/** The kernels without inputs. */
const makers: Readonly<Record<string, Make>> = {
  Range: ({ start, stop, step, dtype }) => {
    const [from, to, by] = [start, stop, step] as [number, number, number];
    const count = Math.max(0, Math.ceil((to - from) / by));
    return [sequence(count, (i) => from + i * by), [count], dtypeFromTfjs(dtype)];
  },
  Fill: ({ shape, value, dtype }) => [sequence(sizeOf(shape as Shape), () => Number(value)), shape as Shape, dtypeFromTfjs(dtype)],
  LinSpace: ({ start, stop, num }) => {
    const [from, to, count] = [start, stop, num] as [number, number, number];
    return [sequence(count, (i) => (count === 1 ? from : from + (i * (to - from)) / (count - 1))), [count], 'float'];
  },
};

const ofMaker =
  (make: Make, { constant }: Handles): tf.KernelFunc =>
  ({ attrs }) => {
    const [data, shape, dtype] = make(attrs ?? {});
    return constant(makeNDArray(data, shape, ndarrayDType(dtype)));
  };

const refusing =
  (name: string, { applied }: Handles): tf.KernelFunc =>
  () => {
    applied(name);
    throw kindlingError('Unsupported', {
      message: `kernel ${name} has no rule for the compiler`,
      remedy: 'Compute this part outside of the compiled function',
    });
  };

/** Recording functions by the names of the kernels that tfjs may call, besides those of our table. */
export const foreignKernels = (handles: Handles): ReadonlyMap<string, tf.KernelFunc> => {
  const own = new Set(kernels().map(({ name }) => name));
  const theirs = tf.getKernelsForBackend('wasm').map(({ kernelName }) => kernelName);
  return new Map<string, tf.KernelFunc>([
    ...theirs.filter((name) => !own.has(name)).map((name) => [name, refusing(name, handles)] as const),
    ...Object.entries(makers).map(([name, make]) => [name, ofMaker(make, handles)] as const),
    ...composites().map((composite) => [composite.name, ofComposite(composite, handles)] as const),
  ]);
};
