/** The WebAssembly backend of tfjs in Node, by `require`, as tfjs itself. */
import { createRequire } from 'node:module';

createRequire(import.meta.url)('@tensorflow/tfjs-backend-wasm');
