using System.CommandLine;
using System.CommandLine.Invocation;
using Engine;
using Engine.Server.Commands;
using Engine.Server.Hosting;
using Engine.Snapshots;
using Engine.Tables.Rows;

const int WrongUsage = 2;
var root = new RootCommand("Serves recommendation snapshots over gRPC and HTTP/JSON.")
{
    ServeCommand.Create(),
    ConfigCommand.Create(),
    QueryCommand.Create(),
    BatchCommand.Create(),
    AllocateCommand.Create(),
    NextOrdersCommand.Create(),
    HoldoutCommand.Create(),
    LiftCommand.Create(),
    ReportCommand.Create(),
    DeliverCommand.Create(),
    PublishCommand.Create(),
    PoolCommand.Create(),
    PlacementCommand.Create(),
    ExperimentCommand.Create(),
    AudienceCommand.Create(),
    BlockedCommand.Create(),
    EventsCommand.Create(),
    SnapshotsCommand.Create(),
    SweepCommand.Create(),
    ClusterCommand.Create(),
    BackupCommand.Create(),
    RestoreCommand.Create(),
    KeyCommand.Create(),
    AuditCommand.Create(),
    ForgetCommand.Create(),
    DiffCommand.Create(),
    InspectCommand.Create(),
    VerifyCommand.Create(),
};
// As every page calls it and the package installs it; the file is Engine.Server.
root.HelpName = "engine";
NumberOptions.RefuseCommas(root);
OptionRules.RefuseEmpty(root);
var parsed = root.Parse(args);
if (parsed.Errors.Count > 0 && JsonText.IsAsked(args))
{
    return JsonText.Fail(args, WrongUsage, string.Join(' ', parsed.Errors.Select(error => error.Message)));
}

try
{
    var code = await parsed.InvokeAsync(
        new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
    return parsed.Action is ParseErrorAction ? WrongUsage : code;
}
catch (StartRefusedException e)
{
    return JsonText.Fail(args, 2, e.Message);
}
catch (Exception e) when (e is InputException or TableException || MachineFault.Of(e) is not null)
{
    return JsonText.Fail(args, 1, MachineFault.Sentence(e));
}
catch (OperationCanceledException)
{
    // The exit code of an interrupted program: 128 + SIGINT.
    await Console.Error.WriteLineAsync("stopped before the end");
    return 128 + 2;
}
