using Engine.Datasets.Mapping;

namespace Trainer.Data.Init;

/// <summary>What was guessed and why, and what could not be decided: a person fills that in.</summary>
internal sealed class OpenPoints(string table)
{
    /// <summary>What was guessed and why.</summary>
    public List<Guess> Guesses { get; } = [];

    /// <summary>What a person must decide, whole sentences that begin with the key.</summary>
    public List<string> Open { get; } = [];

    /// <summary>Notes a guess.</summary>
    public void Add(string role, string value, string why) => Guesses.Add(new Guess($"{table}.{role}", value, why));

    /// <summary>Notes something open.</summary>
    /// <returns>What stands in the skeleton until a person replaces it.</returns>
    public string Ask(string role, string question, string choices)
    {
        Open.Add($"{table}.{role}: {question}");
        Add(role, "OPEN", question);
        return $"{DatasetFile.Open}: {choices}";
    }
}
