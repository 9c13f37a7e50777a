/**
 * How many neighbours a peer passes news on to. Each passes on what it heard first to all but its source, so that a record comes to a peer about
 * as often as that has neighbours, less one: three times more than once is what a mesh of at most four costs. The decision and its figures are in `docs/adr`.
 */
export const meshParams = {
  D: 4,
  Dlo: 3,
  Dhi: 4,
  Dscore: 2,
  // Of two sides one has opened each link: who asks for more than one of its own asks for more than there are.
  Dout: 1,
  // Whoever writes a record tells some links beside its mesh, and not all of them: see `tellStrangers`.
  floodPublish: false,
  // A peer whose neighbours all have full meshes asks them again after so many milliseconds; asking after less than 10 s would count as a flood.
  pruneBackoff: 15_000,
} as const;
