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
    /// <exception cref="InputException">There is no such audience.</exception>
    public static AudienceMembers Audience(ScoringModel model, WorkspaceCatalog catalog, string word) =>
        word == All ? AudienceMembers.All(model.Snapshot)
        : File.Exists(word) ? AudienceMembers.Of(model.Snapshot, IdFile.Read(word, model.Snapshot.UserIds))
        : AudienceAnswers.Members(model, catalog, word);

    /// <summary>The products; null means all.</summary>
    /// <exception cref="InputException">There is no such pool.</exception>
    public static ResolvedPool? Pool(ScoringModel model, WorkspaceCatalog catalog, string word) =>
        word == All ? null : model.Resolve(Definition(model, catalog, word));

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
