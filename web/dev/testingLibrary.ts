import '@testing-library/svelte/vitest'; // takes away what a test has drawn
import { configure } from '@testing-library/svelte';
import { waitingBound } from './testSetup';

configure({ asyncUtilTimeout: waitingBound });

export * from '@testing-library/svelte';
