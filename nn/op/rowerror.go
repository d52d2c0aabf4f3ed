package op

import "fmt"

// RowError is the error of one row of a batch. A kernel returns it where one row is at fault, so that whoever
// filled the batch can say what that row is:
//
//	var row *op.RowError
//	if errors.As(err, &row) {
//		fmt.Println("image", images[row.Row])
//	}
//
// It is found in the error of Program.Run. A TapeMachine's RunAll wraps it in an error that does not unwrap.
type RowError struct {
	Row int   // index along axis 0 of the operands, which is the batch, whatever axes follow
	Err error // what is wrong with it
}

// Error returns "row 3: " and what is wrong.
func (e *RowError) Error() string { return fmt.Sprintf("row %d: %v", e.Row, e.Err) }

// Unwrap returns Err.
func (e *RowError) Unwrap() error { return e.Err }
