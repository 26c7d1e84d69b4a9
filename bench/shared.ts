/** The directory beside the repository with the data and programs that are shared with other systems. */

export const SHARED: URL = new URL('../../../shared/', import.meta.url);
