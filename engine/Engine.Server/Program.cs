using System.CommandLine;
using Engine.Model;

var root = new RootCommand("Serves recommendation snapshots over gRPC and HTTP/JSON.");
try
{
    return await root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (InputException e)
{
    await Console.Error.WriteLineAsync($"error: {e.Message}");
    return 1;
}
