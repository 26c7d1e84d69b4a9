/** What the modules made from doc examples call to check themselves. */
import { isShown, show } from './shown.ts';

/** `expression; // shown` */
export const checkShown = async (expression: () => Promise<unknown>, shown: string): Promise<void> => {
  const value = await expression();
  if (!isShown(shown, value)) throw new Error(`shows ${shown}, but the value is ${show(value)}`);
};

/** `statement; // throws part of the tag or message` */
export const checkThrows = async (statement: () => Promise<unknown>, part: string): Promise<void> => {
  const thrown = await statement().then(
    () => undefined,
    (error: unknown) => ({ error }),
  );
  if (thrown === undefined) throw new Error('is said to throw, but does not');
  const { error } = thrown;
  const text = `${typeof error === 'object' && error !== null && '_tag' in error ? String(error._tag) : ''} ${String(error)}`;
  if (!text.includes(part)) throw new Error(`is said to throw ${part}, but throws ${text.trim()}`);
};
