import { fireEvent, screen } from '../../dev/testingLibrary';

/** Types a value into the field with this label, as one change. */
export async function fill(label: string, value: string): Promise<void> {
  await fireEvent.input(screen.getByLabelText(label), { target: { value } });
}

/** Presses the button with this name; a submit button submits its form. */
export async function press(name: string): Promise<void> {
  const button = screen.getByRole('button', { name });
  const form = button instanceof HTMLButtonElement && button.type === 'submit' ? button.form : null;
  await (form ? fireEvent.submit(form) : fireEvent.click(button));
}
