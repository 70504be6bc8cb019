// Lints the description of the API by Redocly's rules: node openapi.lint.mjs [FILE]
import { createConfig, formatProblems, getTotals, lint } from '@redocly/openapi-core';

const config = await createConfig({
  extends: ['recommended-strict'],
  rules: {
    'no-invalid-media-type-examples': 'error',
    'no-invalid-parameter-examples': 'error',
    'no-invalid-schema-examples': 'error',
    'no-required-schema-properties-undefined': 'error',
    'operation-4xx-response': 'error',
    'paths-kebab-case': 'error',
  },
});

/** Sent where the description has no place for a schema: in live events, and in the pages themselves. */
const sentElsewhere = ['#/components/schemas/Event', '#/components/schemas/Boot'];
const isExpected = (problem) => problem.ruleId === 'no-unused-components' && sentElsewhere.includes(problem.location[0].pointer);

const found = await lint({ ref: process.argv[2] ?? '../api/openapi.yaml', config });
const problems = found.filter((problem) => !isExpected(problem));
formatProblems(problems, { format: 'codeframe', totals: getTotals(problems), version: '' });
process.exit(problems.length > 0 ? 1 : 0);
