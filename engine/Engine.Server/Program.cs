using System.CommandLine;
using Engine.Model;
using Engine.Server.Commands;

var root = new RootCommand("Serves recommendation snapshots over gRPC and HTTP/JSON.")
{
    ServeCommand.Create(),
    QueryCommand.Create(),
    BatchCommand.Create(),
    PoolCommand.Create(),
    AudienceCommand.Create(),
    InspectCommand.Create(),
    VerifyCommand.Create(),
};
try
{
    return await root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
}
catch (InputException e)
{
    await Console.Error.WriteLineAsync($"error: {e.Message}");
    return 1;
}
