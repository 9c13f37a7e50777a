import { jest } from '@jest/globals';

// Journeys start several processes; jest takes a timeout per project only this way.
jest.setTimeout(600_000);
