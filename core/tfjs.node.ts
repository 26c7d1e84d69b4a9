/** tfjs in Node, by `require`: imported as a module, Node first reads a megabyte of it for the names that it exports, five times the time. */
import { createRequire } from 'node:module';
import type * as Core from '@tensorflow/tfjs-core';

const core = createRequire(import.meta.url)('@tensorflow/tfjs-core') as typeof Core;

export const KernelBackend: typeof Core.KernelBackend = core.KernelBackend;
export const Tensor: typeof Core.Tensor = core.Tensor;
export const backend: typeof Core.backend = core.backend;
export const backend_util: typeof Core.backend_util = core.backend_util;
export const broadcastTo: typeof Core.broadcastTo = core.broadcastTo;
export const cast: typeof Core.cast = core.cast;
export const clone: typeof Core.clone = core.clone;
export const customGrad: typeof Core.customGrad = core.customGrad;
export const dispose: typeof Core.dispose = core.dispose;
export const engine: typeof Core.engine = core.engine;
export const findBackend: typeof Core.findBackend = core.findBackend;
export const findBackendFactory: typeof Core.findBackendFactory = core.findBackendFactory;
export const getBackend: typeof Core.getBackend = core.getBackend;
export const getGradient: typeof Core.getGradient = core.getGradient;
export const getKernel: typeof Core.getKernel = core.getKernel;
export const getKernelsForBackend: typeof Core.getKernelsForBackend = core.getKernelsForBackend;
export const matMul: typeof Core.matMul = core.matMul;
export const randomNormal: typeof Core.randomNormal = core.randomNormal;
export const ready: typeof Core.ready = core.ready;
export const registerBackend: typeof Core.registerBackend = core.registerBackend;
export const registerGradient: typeof Core.registerGradient = core.registerGradient;
export const registerKernel: typeof Core.registerKernel = core.registerKernel;
export const setBackend: typeof Core.setBackend = core.setBackend;
export const slice_util: typeof Core.slice_util = core.slice_util;
export const tensor: typeof Core.tensor = core.tensor;
export const tidy: typeof Core.tidy = core.tidy;
export const unregisterKernel: typeof Core.unregisterKernel = core.unregisterKernel;
export const zeros: typeof Core.zeros = core.zeros;
