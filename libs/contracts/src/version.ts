/** The version of Souk that this is, as in package.json. */
export const soukVersion = '0.1.0';
