namespace Trainer.Data.Progress;

/// <summary>
/// Where long work says how far it is. Calls are cheap and come often; an implementation thins them out.
/// </summary>
public interface IProgressReporter
{
    /// <summary>
    /// States how far a stage is. A stage begins with its first report and ends when done reaches total.
    /// </summary>
    /// <param name="stage">What is being done, for a person: <c>read behavior.csv</c>.</param>
    /// <param name="done">Units done, from 0.</param>
    /// <param name="total">Units in all, more than 0; may change between reports.</param>
    void Report(string stage, double done, double total);
}

/// <summary>Says nothing.</summary>
public sealed class NoProgress : IProgressReporter
{
    /// <summary>The one instance.</summary>
    public static NoProgress Instance { get; } = new();

    /// <inheritdoc/>
    public void Report(string stage, double done, double total)
    {
    }
}
