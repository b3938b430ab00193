using Engine.Server.Audit;
using System.CommandLine;
using Engine.Protos.V1;
using Engine.Reranking;
using Engine.Scoring.Models;
using Engine.Server.Catalog;
using Engine.Server.Contract;
using Google.Protobuf;
using Snapshot = Engine.Snapshots.Snapshot;

namespace Engine.Server.Commands;

/// <summary>The options that all queries share, and the way from them to a printed answer.</summary>
internal sealed class QueryOptions
{
    private readonly Option<string> _snapshot = new("--snapshot", "--snapshots")
    {
        Description = "A .snapshot file, or a folder: then its CURRENT (in ROOT, that of workspace 'default').",
        Required = true,
    };

    private readonly Option<bool> _json = new("--json")
    {
        Description = "Print the reply as one JSON document, with the names of the contract.",
    };

    /// <summary>--top.</summary>
    public Option<int> Top { get; } = new("--top")
    {
        Description = "Number of results, 1 or more.",
        DefaultValueFactory = _ => RequestFields.DefaultTopK,
        Validators = { OptionRules.RefuseBelowOne },
    };

    /// <summary>--purchased.</summary>
    public Option<string> Purchased { get; } = OneOf(
        "--purchased", "Products purchased in the scope year: include, exclude or only.", "include", "exclude", "only");

    /// <summary>--pool.</summary>
    public Option<string[]> Pool { get; } = Ids("--pool", "Only these product ids.");

    /// <summary>--pool-rule.</summary>
    public Option<string> PoolRule { get; } = new("--pool-rule")
    {
        Description = "Only products that match this rule over tags: \"category = 'Tea' and price < 20\".",
        DefaultValueFactory = _ => "",
    };

    /// <summary>--saved-pool.</summary>
    public Option<string> SavedPool { get; } = new("--saved-pool")
    {
        Description = "Only products of this saved pool of the snapshot's workspace.",
        DefaultValueFactory = _ => "",
    };

    /// <summary>--exclude.</summary>
    public Option<string[]> Exclude { get; } = Ids("--exclude", "Never return these product ids.");

    /// <summary>Any number of ids after one option.</summary>
    public static Option<string[]> Ids(string name, string description) =>
        new(name) { Description = description, AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [] };

    /// <summary>An option that takes one of a few words, the first if it is not given.</summary>
    public static Option<string> OneOf(string name, string description, params string[] words)
    {
        var option = new Option<string>(name) { Description = description, DefaultValueFactory = _ => words[0] };
        option.AcceptOnlyFromAmong(words);
        return option;
    }

    /// <summary>
    /// The value of an enum of the contract, of the name <paramref name="word"/> without regard to case.
    /// </summary>
    public static T Word<T>(string word)
        where T : struct, Enum => Enum.Parse<T>(word, ignoreCase: true);

    /// <summary>The pool of --pool, --pool-rule and --saved-pool, or none.</summary>
    public PoolFilter? PoolOf(ParseResult parsed)
    {
        var ids = parsed.GetRequiredValue(Pool);
        var filter = new PoolFilter
        {
            Pool = parsed.GetRequiredValue(SavedPool),
            Rule = parsed.GetRequiredValue(PoolRule),
            ProductIds = { ids },
            Inline = ids.Length > 0,
        };
        return filter.CalculateSize() > 0 ? filter : null;
    }

    /// <summary>Makes the verb: its options, and what it does with a verified snapshot.</summary>
    /// <param name="command">With its own options.</param>
    /// <param name="answer">The reply of the contract.</param>
    /// <param name="print">The reply as a table.</param>
    public Command Complete<TReply>(
        Command command, Func<QueriedModel, ParseResult, CallClock, TReply> answer, Action<TReply> print)
        where TReply : IMessage
    {
        command.Add(_snapshot);
        command.Add(_json);
        command.SetAction(parsed =>
        {
            var path = SnapshotPath.Resolve(parsed.GetRequiredValue(_snapshot));
            using var queried =
                new QueriedModel(path, new WorkspaceCatalog(Path.GetDirectoryName(Path.GetFullPath(path))!));
            var reply = answer(queried, parsed, CallClock.Start(TimeProvider.System));
            if (parsed.GetValue(_json))
            {
                Console.WriteLine(JsonOutput.Format(reply));
            }
            else
            {
                print(reply);
            }
        });
        return command;
    }
}

/// <summary>What a question on the command line is answered from.</summary>
/// <param name="path">The snapshot file.</param>
/// <param name="catalog">What is saved beside it.</param>
internal sealed class QueriedModel(string path, WorkspaceCatalog catalog) : IDisposable
{
    private readonly Lazy<ScoringModel> _model =
        new(() => new ScoringModel(Snapshot.OpenVerified(path), OnnxReranker.Open));

    /// <summary>
    /// The snapshot, verified when it is first asked for: a list of what is saved needs no second for each gigabyte.
    /// </summary>
    public ScoringModel Model => _model.Value;

    /// <summary>What is saved beside it.</summary>
    public WorkspaceCatalog Catalog => catalog;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_model.IsValueCreated)
        {
            _model.Value.Dispose();
        }
    }

    /// <summary>
    /// Changes something that is saved, between two lines of the audit log. A snapshot file that lies in no workspace
    /// has no audit log.
    /// </summary>
    public T Audited<T>(string command, string subject, Func<string> state, Func<T> change) =>
        File.Exists(Path.Combine(Catalog.Folder, "CURRENT"))
            ? CommandAudit.Run(
                Path.GetDirectoryName(Catalog.Folder)!,
                command,
                Path.GetFileName(Catalog.Folder),
                subject,
                state,
                change)
            : change();
}
