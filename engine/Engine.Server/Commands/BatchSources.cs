using Engine.Scoring.Audiences;
using Engine.Scoring.Models;
using Engine.Scoring.Pools;
using Engine.Server.Catalog;
using Engine.Server.Contract;
using Engine.Server.Errors;

namespace Engine.Server.Commands;

/// <summary>What --audience and --pool of a batch mean: all, a file, a saved name, and for pools a rule.</summary>
internal static class BatchSources
{
    private const string All = "all";

    /// <summary>Refuses to write over what is read.</summary>
    /// <param name="output">The file of --out.</param>
    /// <param name="words">What may be a file that is read.</param>
    public static void KeepInputs(string output, params string[] words)
    {
        if (words.Any(word => File.Exists(word) && Path.GetFullPath(word) == Path.GetFullPath(output)))
        {
            throw new InputException($"found --out {output}, a file that is read; expected another name");
        }
    }

    /// <summary>The users.</summary>
    /// <exception cref="InputException">There is no such audience, or the word has two meanings.</exception>
    public static AudienceMembers Audience(ScoringModel model, WorkspaceCatalog catalog, string word)
    {
        RefuseTwoMeanings("audience", "every user", word, () => catalog.Audiences.Get(word));
        return word == All ? AudienceMembers.All(model.Snapshot)
            : File.Exists(word) ? AudienceMembers.Of(model.Snapshot, IdFile.Read(word, model.Snapshot.UserIds))
            : AudienceAnswers.Members(model, catalog, word);
    }

    /// <summary>The products; null means all.</summary>
    /// <exception cref="InputException">There is no such pool, or the word has two meanings.</exception>
    public static ResolvedPool? Pool(ScoringModel model, WorkspaceCatalog catalog, string word)
    {
        RefuseTwoMeanings("pool", "every product", word, () => catalog.Pools.Get(word));
        return word == All ? null : model.Resolve(Definition(model, catalog, word));
    }

    private static void RefuseTwoMeanings(string what, string all, string word, Action readSaved)
    {
        var other = word == All ? all : File.Exists(word) ? "a file" : "";
        if (other.Length == 0)
        {
            return;
        }

        try
        {
            readSaved();
        }
        catch (InputException)
        {
            return; // nothing is saved by that name, or it can be the name of nothing that is saved
        }

        throw new InputException(
            $"found --{what} '{word}', which is {other} and a saved {what}; expected one meaning. "
            + $"Save the {what} by another name{(word == All ? "" : $", or write ./{word} for the file")}");
    }

    private static PoolDefinition Definition(ScoringModel model, WorkspaceCatalog catalog, string word)
    {
        if (File.Exists(word))
        {
            return PoolDefinition.OfIds([.. IdFile.Read(word, model.Snapshot.ProductIds, usual: "product_id")]);
        }

        try
        {
            return catalog.Pools.Get(word);
        }
        catch (NotFoundException missing)
        {
            try
            {
                return PoolDefinition.OfRule(ResolvedPool.Parse(word).Text);
            }
            catch (RuleException e)
            {
                throw new InputException($"{missing.Message}. It is not a file and not a rule either: {e.Message}", e);
            }
        }
    }
}
