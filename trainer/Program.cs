using System.CommandLine;
using Engine.Model;

var root = new RootCommand("Trains recommendation snapshots from a behavior table and a product table.");
try
{
    return await root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (InputException e)
{
    await Console.Error.WriteLineAsync($"error: {e.Message}");
    return 1;
}
