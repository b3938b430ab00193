namespace Trainer.Data.Init;

/// <summary>One guess, for a person to check.</summary>
/// <param name="Role">What is mapped: <c>behavior.user_id</c>.</param>
/// <param name="Value">To what: a column's name, a type, nothing (<c>-</c>).</param>
/// <param name="Why">The reason, with examples.</param>
internal sealed record Guess(string Role, string Value, string Why);
