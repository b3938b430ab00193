using System.CommandLine;
using System.CommandLine.Invocation;
using Engine;
using Engine.Server.Commands;
using Engine.Server.Hosting;
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
    PublishCommand.Create(),
    PoolCommand.Create(),
    PlacementCommand.Create(),
    AudienceCommand.Create(),
    SnapshotsCommand.Create(),
    KeyCommand.Create(),
    AuditCommand.Create(),
    ForgetCommand.Create(),
    DiffCommand.Create(),
    InspectCommand.Create(),
    VerifyCommand.Create(),
};
var parsed = root.Parse(args);
try
{
    var code = await parsed.InvokeAsync(
        new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
    return parsed.Action is ParseErrorAction ? WrongUsage : code;
}
catch (StartRefusedException e)
{
    await Console.Error.WriteLineAsync($"error: {e.Message}");
    return 2;
}
catch (Exception e) when (e is InputException or TableException || MachineFault.Of(e) is not null)
{
    await Console.Error.WriteLineAsync($"error: {MachineFault.Sentence(e)}");
    return 1;
}
catch (OperationCanceledException)
{
    // The exit code of an interrupted program: 128 + SIGINT.
    await Console.Error.WriteLineAsync("stopped before the end");
    return 128 + 2;
}
