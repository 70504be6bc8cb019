/** How long a measured recording is, in minutes. */
export const benchMinutes = Number(process.env.MINUTES ?? 20);
